//! Filter words as they were typed with what they mean, as a list and a view carry them.

use std::sync::Arc;

use super::{
    error::FilterError,
    parse,
    tree::{FilterExpr, FilterTerm},
};

/// Filter words that mean something; without words, all records. Two are the same if their words are.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    text: Arc<str>,
    expr: Option<Arc<FilterExpr>>,
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Filter {}

impl Filter {
    /// Reads words to their end.
    ///
    /// # Errors
    /// What is wrong with them, and where.
    pub fn read(text: &str) -> Result<Self, FilterError> {
        let expr = parse::whole(text)?;
        Ok(Self { text: text.trim().into(), expr: expr.map(Arc::new) })
    }

    /// Reads words that are being typed: a last term that is not finished yet is left out.
    ///
    /// # Errors
    /// What is wrong before the end.
    pub fn typed(text: &str) -> Result<Self, FilterError> {
        let expr = parse::typed(text)?;
        let text = expr.as_ref().map(FilterExpr::to_string).unwrap_or_default();
        Ok(Self { text: text.into(), expr: expr.map(Arc::new) })
    }

    /// The words of a tree.
    pub fn of(expr: FilterExpr) -> Self {
        Self { text: expr.to_string().into(), expr: Some(Arc::new(expr)) }
    }

    /// The records of this one that a term means too, or does not; the same where that is said already.
    #[must_use]
    pub fn and(&self, term: FilterTerm, is_meant: bool) -> Self {
        let term = FilterExpr::Term(term);
        let term = if is_meant { term } else { FilterExpr::Not(Box::new(term)) };
        let mut all = match self.expr.as_deref() {
            None => return Self::of(term),
            Some(FilterExpr::And(all)) => all.clone(),
            Some(other) => vec![other.clone()],
        };
        if !all.contains(&term) {
            all.push(term);
        }
        match <[FilterExpr; 1]>::try_from(all) {
            Ok([one]) => Self::of(one),
            Err(all) => Self::of(FilterExpr::And(all)),
        }
    }

    /// As typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn expr(&self) -> Option<&FilterExpr> {
        self.expr.as_deref()
    }

    /// All records are meant.
    pub fn is_empty(&self) -> bool {
        self.expr.is_none()
    }
}
