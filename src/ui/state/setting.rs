//! One setting of a recipe, read and written by its pointer.
//!
//! Natively [`options`](crate::domain::options) does it. In the browser a recipe becomes an object
//! whenever it is sent to the worker, and that code serves here as well: with JSON values beside it,
//! the page would carry everything that writes and reads a recipe twice.

#[cfg(not(target_family = "wasm"))]
pub use crate::domain::options::{get, set};

#[cfg(target_family = "wasm")]
pub use in_browser::{get, set};

#[cfg(target_family = "wasm")]
mod in_browser {
    use js_sys::{Array, Reflect};
    use serde::Serialize;
    use serde_wasm_bindgen::Serializer;
    use wasm_bindgen::{JsCast, JsValue};

    use crate::domain::options::{OptionKind, OptionSpec, OptionValue, left_out, range_error};
    use crate::domain::recipe::Recipe;

    /// Reads a setting from a recipe.
    ///
    /// # Panics
    /// When the specification does not fit the recipe's form, which a test rules out.
    pub fn get(recipe: &Recipe, spec: &OptionSpec) -> OptionValue {
        let (holder, name) = place(&written(recipe), spec);
        let value = Reflect::get(&holder, &name).unwrap_or(JsValue::UNDEFINED);
        if value.is_undefined() {
            return left_out(spec);
        }
        let read = match spec.kind {
            OptionKind::Int { .. } => value.as_f64().map(|number| OptionValue::Int(number as i64)),
            OptionKind::Float { .. } => value.as_f64().map(OptionValue::Float),
            OptionKind::Choice { .. } => value.as_string().map(OptionValue::Choice),
            OptionKind::Flag => value.as_bool().map(OptionValue::Flag),
            OptionKind::Set { .. } => value
                .dyn_into::<Array>()
                .ok()
                .map(|ids| OptionValue::Set(ids.iter().filter_map(|id| id.as_string()).collect())),
        };
        read.expect("the field has the kind that its specification names")
    }

    /// A recipe with one setting changed.
    ///
    /// # Errors
    /// A sentence when the value is out of range or of another kind; the recipe stays as it was.
    pub fn set(recipe: &Recipe, spec: &OptionSpec, value: &OptionValue) -> Result<Recipe, String> {
        range_error(spec, value).map_or(Ok(()), Err)?;
        let draft = written(recipe);
        let (holder, name) = place(&draft, spec);
        let value = match value {
            OptionValue::Int(number) => JsValue::from_f64(*number as f64),
            OptionValue::Float(number) => JsValue::from_f64(*number),
            OptionValue::Choice(id) => JsValue::from_str(id),
            OptionValue::Flag(is_on) => JsValue::from_bool(*is_on),
            OptionValue::Set(ids) => {
                let ids = ids.iter().map(|id| JsValue::from_str(id));
                ids.collect::<Array>().into()
            }
        };
        Reflect::set(&holder, &name, &value).expect("an object of its own can be changed");
        serde_wasm_bindgen::from_value(draft).map_err(|error| format!("{}: {error}.", spec.label))
    }

    fn written(recipe: &Recipe) -> JsValue {
        let written = recipe.serialize(&Serializer::json_compatible());
        written.expect("a recipe is plain data")
    }

    /// The object that holds a setting, and under which name.
    fn place(recipe: &JsValue, spec: &OptionSpec) -> (JsValue, JsValue) {
        let (way, name) = spec
            .pointer
            .rsplit_once('/')
            .expect("a pointer begins with a slash");
        let mut holder = recipe.clone();
        for step in way.split('/').skip(1) {
            holder = Reflect::get(&holder, &JsValue::from_str(step))
                .expect("the pointer names a field of the recipe");
        }
        (holder, JsValue::from_str(name))
    }
}
