//! The cells of a row, to be edited: the answer and its explanation follow.

use super::controls::{EXPLAINED, ONE_ROW};
use crate::domain::report::{Input, InputKind};
use crate::view::markup::{Element, Markup, element, tag, text};

/// A column's cell, to be edited.
#[derive(Debug, Clone, PartialEq)]
pub struct CellField {
    /// The column, and what it takes.
    pub input: Input,
    /// What the field holds.
    pub cell: String,
}

/// What a field asks for when it is changed.
#[derive(Debug, Clone, Copy)]
pub struct Asking {
    /// How the fields' ids begin.
    pub id: &'static str,
    /// The view.
    pub view: &'static str,
    /// Id of the element that shows it.
    pub into: &'static str,
}

/// A field for each cell of a row, the texts first.
pub fn cell_fields(fields: &[CellField]) -> Markup {
    let asking = Asking {
        id: "explain-cell",
        view: "explanation",
        into: EXPLAINED,
    };
    text(
        "p",
        "fine",
        "Change any cell: the answer and what each column adds to it follow.",
    )
    .then(row_form(fields, asking))
}

/// The fields alone; each is a knob `cell` with its place.
pub fn row_form(fields: &[CellField], asking: Asking) -> Markup {
    let drawn = fields.iter().enumerate().map(|(at, field)| {
        let name = &field.input.column;
        let class = match field.input.kind {
            InputKind::Text => "use-field is-wide",
            _ => "use-field",
        };
        tag("label", class)
            .child(text("span", "use-name", name))
            .child(control(at, field, asking))
    });
    tag("div", "use-form explain-cells")
        .test_id(format_args!("{}s", asking.id))
        .children(drawn)
        .done()
}

fn control(at: usize, field: &CellField, asked: Asking) -> Element {
    let Input {
        column,
        kind,
        values,
        example,
    } = &field.input;
    let asking = |element: Element| {
        element
            .attr("id", format_args!("{}-{at}", asked.id))
            .test_id(format_args!("{}-{column}", asked.id))
            .attr("data-knob", format_args!("cell{at}"))
            .attr("data-view", asked.view)
            .attr("data-into", asked.into)
    };
    match kind {
        InputKind::Choice => {
            let is_known = field.cell.is_empty() || values.contains(&field.cell);
            let own = (!is_known).then_some(&field.cell);
            let none = String::new();
            let all = std::iter::once(&none).chain(own).chain(values);
            let options = all.map(|value| {
                element("option")
                    .attr("value", value)
                    .flag("selected", *value == field.cell)
                    .text(if value.is_empty() { "not known" } else { value })
            });
            tag("span", "select").child(asking(element("select")).children(options))
        }
        InputKind::Text => asking(tag("textarea", "textarea"))
            .attr("rows", 3)
            .attr("spellcheck", "false")
            .flag("data-live", true)
            // A line break right behind the tag is not part of the text.
            .text("\n")
            .text(&field.cell),
        InputKind::Number | InputKind::Date | InputKind::List => {
            let input = asking(tag("input", "field"))
                .attr("type", "text")
                .attr("autocomplete", "off")
                .attr("spellcheck", "false")
                .attr("placeholder", example)
                .flag("data-live", true)
                .attr("value", &field.cell);
            match kind {
                // The numeric keypad of a phone; the cell is read as its column writes numbers.
                InputKind::Number => input.attr("inputmode", "decimal"),
                _ => input,
            }
        }
    }
}

/// That cells are not the row's own, what it says of the row itself, and the way back.
pub fn edited(changes: usize, before: &str) -> Markup {
    let cells = match changes {
        1 => "1 cell is".to_owned(),
        more => format!("{more} cells are"),
    };
    tag("div", "row explain-edited")
        .test_id("explain-edited")
        .child(text(
            "p",
            "fine",
            format_args!("{cells} not the row's own. Of the row as it is it says: {before}."),
        ))
        .child(
            tag("button", "button button-small")
                .attr("type", "button")
                .test_id("explain-back")
                .attr("data-view", "one_row")
                .attr("data-into", ONE_ROW)
                .text("Back to the row"),
        )
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(column: &str, kind: InputKind, cell: &str) -> CellField {
        CellField {
            input: Input {
                column: column.to_owned(),
                kind,
                values: vec!["a".to_owned(), "b".to_owned()],
                example: "7".to_owned(),
            },
            cell: cell.to_owned(),
        }
    }

    #[test]
    fn every_cell_is_a_field_that_asks_again() {
        let fields = [
            field("Age", InputKind::Number, "4\"1"),
            field("Plan", InputKind::Choice, "old"),
            field("Note", InputKind::Text, "\n</textarea>"),
        ];
        let made = cell_fields(&fields).into_string();
        assert!(made.contains("value=\"4&quot;1\""), "{made}");
        assert!(made.contains("inputmode=\"decimal\""));
        assert!(
            made.contains("<option value=\"old\" selected>old</option><option value=\"a\">"),
            "a cell that the model does not know stays: {made}"
        );
        assert!(made.contains(">\n\n&lt;/textarea&gt;</textarea>"));
        assert_eq!(made.matches("data-view=\"explanation\"").count(), 3);
        assert_eq!(
            made.matches("data-live").count(),
            2,
            "a choice is no typing"
        );
    }

    #[test]
    fn edits_are_told_and_undone() {
        let made = edited(2, "no, 80.0 % sure").into_string();
        assert!(made.contains("2 cells are not the row&#39;s own"), "{made}");
        assert!(made.contains("it says: no, 80.0 % sure."));
        assert!(made.contains("data-view=\"one_row\"") && !made.contains("data-knob-keep"));
    }
}
