//! End-to-end.
