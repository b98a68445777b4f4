//! What a user asks for, answered from the store and the data folder; both faces, commands and screens, ask here.

pub mod ask;
pub mod pulse;
