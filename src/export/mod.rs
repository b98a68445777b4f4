//! The byte formats that IvoryOS gives, and safe writing: pure functions over model types.
