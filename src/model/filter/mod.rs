//! Filter words: which records are meant by `status:error user:mara -iter<5`. Their syntax tree, what is wrong with them and
//! where, and how a tree is written; `services/filter/` finds the records.

pub mod error;
pub mod field;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod lexer;
pub mod parse;
pub mod parse_term;
pub mod parser;
pub mod pattern;
pub mod print;
pub mod terms;
#[cfg(test)]
mod tests;
pub mod tree;
pub mod words;
