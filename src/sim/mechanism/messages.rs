//! Messages that queues keep: one pool for all of them, so that whoever receives a message can look at it.
//!
//! A message is in at most one list at a time, that of its partition or that of deliveries under way, so entering and
//! leaving take constant time and memory follows what is kept.

use crate::units::SimTime;

/// No message.
pub const NONE: u32 = u32::MAX;

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// Grows each time the place is given out; whoever acknowledges a message names it.
    pub generation: u32,
    /// What it is about.
    pub key: u32,
    /// The user for whom it is done.
    pub client: u32,
    /// Its partition.
    pub partition: u32,
    /// How often it has been delivered.
    pub receives: u32,
    /// Its number in the order of publishing.
    pub number: u64,
    /// When it was published.
    pub published: SimTime,
    /// While it is delivered: when it is taken for lost.
    pub hidden_until: SimTime,
    /// The next message of the same delivery, with its generation.
    pub next_in_batch: (u32, u32),
    previous: u32,
    next: u32,
}

/// All messages of a run, in places that are used again.
#[derive(Clone, Debug)]
pub struct Messages {
    places: Vec<Message>,
    free: u32,
}

impl Default for Messages {
    fn default() -> Self {
        Self { places: Vec::new(), free: NONE }
    }
}

impl core::ops::Index<u32> for Messages {
    type Output = Message;

    fn index(&self, message: u32) -> &Message {
        &self.places[message as usize]
    }
}

impl core::ops::IndexMut<u32> for Messages {
    fn index_mut(&mut self, message: u32) -> &mut Message {
        &mut self.places[message as usize]
    }
}

impl Messages {
    /// Keeps a message that is in no list; gives its place.
    pub fn insert(&mut self, key: u32, client: u32, number: u64, published: SimTime) -> u32 {
        let mut message = Message {
            generation: 0,
            key,
            client,
            partition: 0,
            receives: 0,
            number,
            published,
            hidden_until: SimTime::NEVER,
            next_in_batch: (NONE, 0),
            previous: NONE,
            next: NONE,
        };
        if self.free == NONE {
            self.places.push(message);
            return u32::try_from(self.places.len() - 1).expect("fewer than 2³² messages are kept");
        }
        let place = self.free;
        let old = &mut self.places[place as usize];
        self.free = old.next;
        message.generation = old.generation;
        *old = message;
        place
    }

    /// Forgets a message that is in no list.
    pub fn remove(&mut self, place: u32) {
        let message = &mut self.places[place as usize];
        message.generation = message.generation.wrapping_add(1);
        message.next = self.free;
        self.free = place;
    }

    /// The message behind another one in its list.
    pub fn after(&self, place: u32) -> Option<u32> {
        Some(self[place].next).filter(|&next| next != NONE)
    }

    /// Whether the message of that generation is still kept.
    pub fn holds(&self, place: u32, generation: u32) -> bool {
        self.places.get(place as usize).is_some_and(|message| message.generation == generation)
    }
}

/// A list of messages, linked through them.
#[derive(Clone, Copy, Debug)]
pub struct List {
    first: u32,
    last: u32,
}

impl Default for List {
    fn default() -> Self {
        Self { first: NONE, last: NONE }
    }
}

impl List {
    /// The first message; `None` if there is none.
    pub fn first(&self) -> Option<u32> {
        (self.first != NONE).then_some(self.first)
    }

    /// Whether there is no message.
    pub const fn is_empty(&self) -> bool {
        self.first == NONE
    }

    /// Adds a message behind the last one that `comes_before` it; looks from the end.
    pub fn insert(&mut self, messages: &mut Messages, place: u32, comes_before: impl Fn(&Message) -> bool) {
        let mut before = self.last;
        while before != NONE && !comes_before(&messages[before]) {
            before = messages[before].previous;
        }
        self.insert_behind(messages, place, before);
    }

    /// Adds a message in front of the first one that `comes_after` it; looks from the beginning.
    pub fn insert_from_front(&mut self, messages: &mut Messages, place: u32, comes_after: impl Fn(&Message) -> bool) {
        let mut after = self.first;
        while after != NONE && !comes_after(&messages[after]) {
            after = messages[after].next;
        }
        let before = if after == NONE { self.last } else { messages[after].previous };
        self.insert_behind(messages, place, before);
    }

    fn insert_behind(&mut self, messages: &mut Messages, place: u32, before: u32) {
        let after = if before == NONE { self.first } else { messages[before].next };
        messages[place].previous = before;
        messages[place].next = after;
        if before == NONE {
            self.first = place
        } else {
            messages[before].next = place
        }
        if after == NONE { self.last = place } else { messages[after].previous = place }
    }

    /// Takes a message out.
    pub fn remove(&mut self, messages: &mut Messages, place: u32) {
        let (before, after) = (messages[place].previous, messages[place].next);
        if before == NONE {
            self.first = after
        } else {
            messages[before].next = after
        }
        if after == NONE {
            self.last = before
        } else {
            messages[after].previous = before
        }
        messages[place].previous = NONE;
        messages[place].next = NONE;
    }

    /// Takes the first message out.
    pub fn pop(&mut self, messages: &mut Messages) -> Option<u32> {
        let first = self.first()?;
        self.remove(messages, first);
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_their_order_and_places_are_used_again() {
        let mut messages = Messages::default();
        let mut list = List::default();
        let places: Vec<u32> = (0..5).map(|number| messages.insert(7, 1, number, SimTime::ZERO)).collect();
        for &place in &places {
            list.insert(&mut messages, place, |_| true);
        }
        list.remove(&mut messages, places[1]);
        list.remove(&mut messages, places[0]);
        // What comes back stands where its number says.
        list.insert_from_front(&mut messages, places[1], |other| other.number > 1);
        assert_eq!(list.first(), Some(places[1]));
        let generation = messages[places[0]].generation;
        messages.remove(places[0]);
        assert!(!messages.holds(places[0], generation));
        let again = messages.insert(8, 1, 9, SimTime::ZERO);
        assert_eq!(again, places[0]);
        assert!(!messages.holds(again, generation), "an old receipt is not valid for a new message");
        let mut numbers = Vec::new();
        while let Some(place) = list.pop(&mut messages) {
            numbers.push(messages[place].number);
        }
        assert_eq!(numbers, [1, 2, 3, 4]);
        assert!(list.is_empty());
    }
}
