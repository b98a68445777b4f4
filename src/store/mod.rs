//! All SQL: opening an IvoryOS file safely and the small set of questions that can be asked of it.
