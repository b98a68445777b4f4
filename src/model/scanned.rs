//! Cells of the phases and steps of many records, as they pass by one after the other while all of them are looked through.

/// Which cells are wanted. Without one of the first three no phase is read, without the last no step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CellColumns {
    pub parameters: bool,
    pub outputs: bool,
    pub phase_errors: bool,
    /// Of the steps.
    pub methods: bool,
}

impl CellColumns {
    pub const ALL: Self = Self { parameters: true, outputs: true, phase_errors: true, methods: true };

    /// Those of phases: parameters, outputs, error.
    pub fn of_phases(self) -> [bool; 3] {
        [self.parameters, self.outputs, self.phase_errors]
    }
}

/// A row of a record, with the bytes of the wanted cells that hold text or a blob. They live as long as it passes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScannedCell<'a> {
    /// A phase, by its id.
    Phase {
        phase: i64,
        is_main: bool,
        /// It ended as failed, by a failed step or without one.
        has_failed: bool,
        parameters: Option<&'a [u8]>,
        outputs: Option<&'a [u8]>,
        error: Option<&'a [u8]>,
    },
    /// A step: its method as it is stored.
    Step { method: Option<&'a [u8]> },
}
