//! Taking turns.

/// Whose turn it is among `n`, of whom there must be one, when the turn of `next` would come if there were enough.
///
/// Whoever counts turns is hardly ever beyond twice their number, and a division costs as much as all else about a turn.
#[inline]
pub const fn in_turn(next: u32, n: u32) -> u32 {
    if next < n {
        next
    } else if next - n < n {
        next - n
    } else {
        next % n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_round() {
        for n in 1..5 {
            for next in (0..20).chain([u32::MAX]) {
                assert_eq!(in_turn(next, n), next % n);
            }
        }
    }
}
