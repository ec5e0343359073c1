//! The stories, by what a person is about.

mod accessibility;
mod determinism;
mod editing;
mod faults;
pub mod files;
mod gestures;
mod growing;
mod interviewing;
mod keyboard;
mod learning;
mod looking;
mod opening;
mod panels;
mod past;
mod sharing;
mod slider;
mod smoothness;
mod touch;

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
        opening::the_first_load_is_what_is_weighed,
        opening::a_piece_that_does_not_come_can_be_asked_for_again,
        slider::the_slider_follows_pointer_keys_and_typing,
        slider::a_number_of_users_that_is_none_is_refused,
        slider::too_many_users_heat_the_server_and_the_verdict_names_it,
        growing::more_servers_bring_relief_in_the_same_run,
        faults::a_dead_primary_is_replaced_by_its_replica,
        faults::a_fault_is_as_strong_as_people_say,
        faults::a_part_is_cut_off_and_joined_again,
        editing::undo_and_redo_by_keys,
        editing::a_reload_keeps_the_design,
        editing::parts_are_added_and_removed_by_keys_alone,
        gestures::a_wire_let_go_on_the_ground_offers_only_what_fits,
        gestures::six_parts_are_drawn_in_eight_acts,
        gestures::frames_hold_what_is_dropped_in_them,
        gestures::several_things_are_selected_and_put_in_line,
        gestures::menus_break_things_and_put_them_right,
        gestures::every_drag_has_a_click_that_does_the_same,
        gestures::arranging_is_one_step,
        gestures::notes_are_written_moved_and_erased,
        gestures::a_tool_that_is_kept_puts_down_again_and_again,
        looking::the_view_follows_wheel_space_middle_button_and_hand,
        looking::a_pen_moves_and_a_double_click_names_and_adds,
        looking::a_border_resizes_and_the_map_moves_the_view,
        touch::fingers_move_pinch_and_open_menus,
        touch::a_phone_adds_and_connects_by_taps,
        keyboard::three_tiers_are_drawn_broken_and_read_by_keys_alone,
        keyboard::things_are_moved_renamed_and_found_by_keys,
        keyboard::the_view_is_cleared_the_drawing_locked_and_parts_are_reached_by_keys,
        accessibility::axe_finds_nothing_wrong,
        accessibility::axe_finds_nothing_wrong_in_lessons_tasks_and_dialogs,
        accessibility::a_screen_reader_meets_the_diagram_as_a_list,
        files::bad_files_are_explained_and_the_design_stays,
        files::a_saved_design_opens_again,
        learning::a_journey_is_stepped_through,
        learning::a_link_leads_to_a_stage_whose_events_are_buttons,
        learning::the_first_stage_has_a_link_too,
        sharing::a_link_brings_everything_along,
        sharing::a_damaged_link_is_explained,
        sharing::an_embedded_page_behaves_as_a_guest,
        sharing::a_host_page_talks_with_the_playground,
        sharing::a_host_page_chooses_when_to_begin_and_what_to_change,
        interviewing::an_interview_ends_with_a_measured_report,
        past::scrubbing_shows_the_same_past_again,
        past::steps_go_back_and_forth,
        past::what_was_broken_then_is_broken_there,
        past::a_change_in_the_past_begins_another_run,
        panels::charts_are_zoomed_by_brush_and_told_as_tables,
        panels::the_scarcest_part_leads_and_selects,
        panels::a_trace_tells_why_it_was_slow,
        panels::a_request_under_way_can_be_picked,
        panels::events_lead_to_their_moment,
        panels::the_script_is_edited_on_a_timeline,
        determinism::any_speed_gives_the_bits_of_a_native_run,
        smoothness::the_first_dot_moves_soon,
        smoothness::the_page_keeps_its_frames_under_load,
    ]
}
