//! Events beyond the calendar's horizon: a heap by time and order of entering.

/// Children per node.
const ARITY: usize = 4;

/// An event beyond the horizon.
#[derive(Clone, Copy, Debug)]
pub struct FarEntry {
    /// When it happens [ns].
    pub at: u64,
    order: u64,
    /// What happens, packed.
    pub event: u64,
}

impl FarEntry {
    const fn is_before(&self, other: &Self) -> bool {
        self.at < other.at || (self.at == other.at && self.order < other.order)
    }
}

/// Events by time; equals in the order in which they were entered.
#[derive(Clone, Debug, Default)]
pub struct Heap {
    entries: Vec<FarEntry>,
    entered: u64,
}

impl Heap {
    /// Number of events.
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Memory taken [bytes].
    pub const fn footprint_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<FarEntry>()
    }

    /// The first event.
    pub fn first(&self) -> Option<&FarEntry> {
        self.entries.first()
    }

    /// Enters an event.
    #[inline(never)]
    pub fn push(&mut self, at: u64, event: u64) {
        let entry = FarEntry { at, order: self.entered, event };
        self.entered += 1;
        self.entries.push(entry);
        lift(&mut self.entries, entry);
    }

    /// Takes the first event if it lies before `limit`.
    #[inline]
    pub fn pop_before(&mut self, limit: u64) -> Option<FarEntry> {
        if self.first()?.at < limit { self.pop() } else { None }
    }

    #[inline(never)]
    fn pop(&mut self) -> Option<FarEntry> {
        let last = self.entries.pop()?;
        let Some(&first) = self.entries.first() else { return Some(last) };
        // Sinking a hole to the bottom and lifting the last entry into place compares less than sinking the entry: it
        // came from the bottom and mostly goes back there.
        let n = self.entries.len();
        let mut hole = 0;
        loop {
            let first_child = hole * ARITY + 1;
            if first_child >= n {
                break;
            }
            let mut least = first_child;
            for child in first_child + 1..(first_child + ARITY).min(n) {
                if self.entries[child].is_before(&self.entries[least]) {
                    least = child;
                }
            }
            self.entries[hole] = self.entries[least];
            hole = least;
        }
        lift(&mut self.entries[..=hole], last);
        Some(first)
    }
}

/// Moves `entry` from the last place of a heap up to where it belongs.
fn lift(heap: &mut [FarEntry], entry: FarEntry) {
    let mut hole = heap.len() - 1;
    while hole > 0 {
        let parent = (hole - 1) / ARITY;
        if !entry.is_before(&heap[parent]) {
            break;
        }
        heap[hole] = heap[parent];
        hole = parent;
    }
    heap[hole] = entry;
}
