//! Dates whose figures can be read two ways: 03/04/2019.
//!
//! In: a post whose dates keep a guess, and how many posts of its site tell the order. Out: the order that
//! more of them have; a tie keeps the guess.

use crate::model::Post;

/// Settles the guessed dates of a post and its comments; `known` gives the number of posts with a key of
/// [`Post::order_key`].
pub fn settle_dates(post: &mut Post, known: &mut dyn FnMut(&str) -> u64) {
    if !post.has_guessed_date() {
        return;
    }
    let day = known(&post.order_key(true));
    let month = known(&post.order_key(false));
    if day == month {
        return;
    }
    for date in post.dates_mut() {
        // It stays open: the posts that tell may go.
        date.guess(day > month);
    }
}
