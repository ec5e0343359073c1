//! Finding by a few letters: how well what a person typed fits a name.

use crate::entry::{small, small_letter};
use crate::sorted;

/// How well `name` fits what was typed; higher is better, `None` if it does not fit at all. All letters typed must occur
/// in this order; those at the beginning of words, and those that follow each other, count more, and most of all what
/// stands in the name as it was typed.
///
/// # Complexity
/// O(letters of the name).
pub fn fit(typed: &str, name: &str) -> Option<i32> {
    let mut wanted = typed.chars().filter(|letter| !letter.is_whitespace()).map(small_letter).peekable();
    let (mut score, mut run, mut before, mut length) = (0, 0, ' ', 0);
    for letter in name.chars().map(small_letter) {
        length += 1;
        if wanted.peek() == Some(&letter) {
            wanted.next();
            run += 1;
            score += 4 * run + if before.is_alphanumeric() { 0 } else { 10 };
        } else {
            run = 0;
        }
        before = letter;
    }
    // Of two that fit alike, the shorter one is meant.
    wanted.peek().is_none().then(|| score + as_typed(typed, name) - length / 8)
}

/// What it counts that a name has the letters typed side by side, more so at the beginning of a word.
fn as_typed(typed: &str, name: &str) -> i32 {
    let (typed, name) = (small(typed.trim()), small(name));
    let begins_word = |(at, _): (usize, &str)| !name[..at].chars().next_back().is_some_and(char::is_alphanumeric);
    let letters = typed.chars().count() as i32;
    if name.match_indices(&typed).any(begins_word) {
        40 * letters
    } else if name.contains(&typed) {
        20 * letters
    } else {
        0
    }
}

/// Those of `items` that fit what was typed, best first; all of them, as they are, while nothing is typed.
pub fn best<T>(typed: &str, items: Vec<T>, name: impl Fn(&T) -> &str) -> Vec<T> {
    if typed.trim().is_empty() {
        return items;
    }
    let mut found: Vec<(i32, T)> =
        items.into_iter().filter_map(|item| Some((fit(typed, name(&item))?, item))).collect();
    // Stable, so that equals keep their order.
    sorted::sort_by(&mut found, |a, b| b.0.cmp(&a.0));
    found.into_iter().map(|(_, item)| item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_letters_find_what_is_meant() {
        let names = vec!["Zoom out", "Load balancer", "Select all", "Add a load balancer", "Database"];
        assert_eq!(best("lb", names.clone(), |name| name)[0], "Load balancer");
        assert_eq!(best("data", names.clone(), |name| name), ["Database"]);
        assert_eq!(best("lo", names.clone(), |name| name)[0], "Load balancer");
        assert_eq!(best(" ", names.clone(), |name| name), names);
        assert!(best("xyz", names, |name| name).is_empty());
    }

    #[test]
    fn what_was_typed_comes_before_letters_picked_from_several_words() {
        let names = vec!["Draw a zone", "Add a part", "Update", "Add SQL database"];
        assert_eq!(best("da", names, |name| name)[..2], ["Add SQL database", "Update"]);
    }

    #[test]
    fn letters_in_another_order_do_not_fit() {
        assert_eq!(fit("ba", "ab"), None);
        assert!(fit("AB", "a b").is_some());
    }
}
