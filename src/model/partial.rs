//! An answer that may be mended: the value, and what it was given without.

/// What was not known yet when an answer was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lacks {
    /// The catalogue of all records: counts, and what comes of them.
    pub catalogue: bool,
    /// Which rows are whose: phases and steps that lie far from the others of their record may be missing.
    pub rows: bool,
    /// How many iterations, steps and failures each record has.
    pub counts: bool,
}

impl Lacks {
    pub fn nothing(self) -> bool {
        self == Lacks::default()
    }

    /// Those of both.
    #[must_use]
    pub fn both(self, other: Lacks) -> Lacks {
        Lacks {
            catalogue: self.catalogue && other.catalogue,
            rows: self.rows && other.rows,
            counts: self.counts && other.counts,
        }
    }

    #[must_use]
    pub fn and(self, other: Lacks) -> Lacks {
        Lacks {
            catalogue: self.catalogue || other.catalogue,
            rows: self.rows || other.rows,
            counts: self.counts || other.counts,
        }
    }
}

/// A value, and what it lacks: one shape for all answers that are asked for again when more is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Partial<T> {
    pub value: T,
    pub lacks: Lacks,
}

impl<T> Partial<T> {
    /// A value that nothing is missing in.
    pub fn whole(value: T) -> Self {
        Self { value, lacks: Lacks::default() }
    }

    pub fn lacking(value: T, lacks: Lacks) -> Self {
        Self { value, lacks }
    }

    /// What is made of the value lacks the same.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Partial<U> {
        Partial { value: make(self.value), lacks: self.lacks }
    }

    /// As [`Partial::map`], for what may fail.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn try_map<U, E>(self, make: impl FnOnce(T) -> Result<U, E>) -> Result<Partial<U>, E> {
        Ok(Partial { value: make(self.value)?, lacks: self.lacks })
    }

    /// The value; what it lacks is noted beside what others lack.
    pub fn into(self, lacks: &mut Lacks) -> T {
        *lacks = lacks.and(self.lacks);
        self.value
    }
}
