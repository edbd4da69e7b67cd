//! The page is for everybody.
