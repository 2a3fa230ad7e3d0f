//! How does an archive become an index, quickly and without losing anything?
