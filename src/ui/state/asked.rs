//! A question that the worker answers later, and whose answer counts only if it is still wanted.

use crate::protocol::{Failure, RequestId};

/// What is known of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked<T> {
    /// The question that is under way.
    pub wanted: Option<RequestId>,
    /// Whether the question has changed since: the answer will be to something old.
    pub is_stale: bool,
    /// The newest answer. It stays while the next one is on its way.
    pub value: Option<T>,
    /// Why the last question was not answered.
    pub failure: Option<Failure>,
}

impl<T> Default for Asked<T> {
    fn default() -> Self {
        Self {
            wanted: None,
            is_stale: false,
            value: None,
            failure: None,
        }
    }
}

impl<T> Asked<T> {
    /// Whether an answer is on its way.
    pub fn is_waiting(&self) -> bool {
        self.wanted.is_some()
    }

    /// Whether to send a question now. While one is under way, it is noted instead that the next
    /// has to follow: a person who clicks fast has one question waiting, not ten.
    pub fn may_ask(&mut self) -> bool {
        self.is_stale = self.is_waiting();
        !self.is_stale
    }

    /// Notes that a question is under way.
    pub fn asked(&mut self, request: RequestId) {
        self.wanted = Some(request);
        self.is_stale = false;
        self.failure = None;
    }

    /// Takes an answer in; whether it was to the question that is under way.
    pub fn settle(&mut self, request: RequestId, answer: Result<T, Failure>) -> bool {
        if self.wanted != Some(request) {
            return false;
        }
        self.wanted = None;
        match answer {
            _ if self.is_stale => {}
            Ok(value) => self.value = Some(value),
            Err(failure) => self.failure = Some(failure),
        }
        true
    }

    /// Nobody will answer any more.
    pub fn lose(&mut self) {
        self.wanted = None;
        self.is_stale = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_an_old_question_is_not_shown() {
        let mut asked = Asked::default();
        assert!(asked.may_ask());
        asked.asked(RequestId(1));
        assert!(!asked.may_ask(), "one question at a time");
        assert!(asked.settle(RequestId(1), Ok(1)));
        assert_eq!((asked.value, asked.is_stale), (None, true));
        assert!(asked.may_ask());
        asked.asked(RequestId(2));
        assert!(!asked.settle(RequestId(1), Ok(1)));
        assert!(asked.settle(RequestId(2), Ok(2)));
        assert_eq!(asked.value, Some(2));
    }
}
