//! What the system tells a program that holds the terminal.

/// Something that the system told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The program is to end: the number that its exit code tells, on every system that of the signal.
    End(u8),
    /// It is to stop for a while.
    Stop,
    /// It goes on: another program may have drawn meanwhile.
    Continue,
    /// The window may have another size.
    Resize,
    /// It ends by a signal that nothing answers, which is this one: the terminal is to be given back.
    Deadly(i32),
}
