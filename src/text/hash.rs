//! Hash maps and sets for what extraction asks thousands of times a page.
//!
//! In: keys that one page or one list gives: nodes, line numbers, short names. Out: the collections of the
//! standard library with another hash function: the standard one was 3 % of extracting a page. It is seeded
//! at random, so that no page can choose its names to collide.

use foldhash::fast::RandomState;

/// [`std::collections::HashMap`] with a quick hash function.
pub type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;

/// [`std::collections::HashSet`] with a quick hash function.
pub type HashSet<K> = std::collections::HashSet<K, RandomState>;
