//! Locks on rows: one transaction at a time changes a row, the others wait for it in order. Whoever waits is chained
//! through the calls, so that nothing is allocated for it.

use rustc_hash::FxHashMap;

use crate::sim::call::{CallIdx, CallRef, Calls};

/// Locks that are held. The map is only looked things up in, never gone through.
#[derive(Clone, Debug, Default)]
pub struct RowLocks {
    /// Who waits for each locked row: the first and the last.
    waiting: FxHashMap<u32, (CallRef, CallRef)>,
}

impl RowLocks {
    /// Takes the lock of a row for a call, or lets it wait; its `memo` leads to the next one then.
    pub fn take(&mut self, calls: &mut Calls, key: u32, call: CallIdx) -> bool {
        let reference = calls.reference(call);
        calls[call].memo = CallIdx::NONE.0;
        let Some((first, last)) = self.waiting.get_mut(&key) else {
            self.waiting.insert(key, (CallRef::NONE, CallRef::NONE));
            return true;
        };
        match calls.find(*last) {
            Some(last) => calls[last].memo = call.0,
            None => *first = reference,
        }
        *last = reference;
        false
    }

    /// Gives the lock of a row back. Gives who has it now.
    pub fn release(&mut self, calls: &Calls, key: u32) -> Option<CallIdx> {
        let (first, last) = self.waiting.get_mut(&key)?;
        let Some(next) = calls.find(*first) else {
            self.waiting.remove(&key);
            return None;
        };
        let after = calls[next].memo;
        if after == CallIdx::NONE.0 {
            (*first, *last) = (CallRef::NONE, CallRef::NONE);
        } else {
            *first = calls.reference(CallIdx(after));
        }
        Some(next)
    }

    /// Forgets all locks.
    pub fn clear(&mut self) {
        self.waiting.clear();
    }
}
