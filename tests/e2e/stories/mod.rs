//! The stories, by what a person is about.

mod opening;

use std::pin::Pin;

use crate::Told;
use crate::page::Page;

/// What a person does, and what must follow.
pub struct Story {
    /// What must hold, in words.
    pub name: &'static str,
    /// Does it.
    pub tell: fn(Page) -> Telling,
}

/// A story being told.
pub type Telling = Pin<Box<dyn Future<Output = Told> + Send>>;

/// Lists stories by their functions, named for what must hold.
macro_rules! stories {
    ($($room:ident :: $story:ident),* $(,)?) => {
        vec![$(Story { name: stringify!($story), tell: |page| Box::pin($room::$story(page)) }),*]
    };
}

/// All stories, in the order in which they are told.
pub fn all() -> Vec<Story> {
    stories![
        opening::the_page_opens_running,
        opening::a_page_that_cannot_load_says_so,
        opening::a_sandboxed_frame_runs_it,
    ]
}
