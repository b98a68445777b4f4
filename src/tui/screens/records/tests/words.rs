//! Filter words on the list: typed, completed, chosen from menus, taken from a cell, and what is read behind them.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use super::*;
use crate::services::filter::values::FilterValues;

fn head(harness: &Harness) -> String {
    line(harness, 0)
}

/// The line above the prompt, and the one above that.
fn above(harness: &Harness) -> [String; 2] {
    let lines = harness.lines();
    [lines[lines.len() - 3].clone(), lines[lines.len() - 2].clone()]
}

#[test]
fn words_narrow_with_each_key_and_what_is_not_finished_waits() {
    let mut harness = real_screen(80, 24);
    harness.press(&["/"]).type_text("status:");
    assert!(head(&harness).contains("   61 records"), "{}", harness.text());
    harness.type_text("error");
    assert!(head(&harness).contains("2 of 61 records with status:error"), "{}", harness.text());
    harness.type_text(" user:");
    assert!(head(&harness).contains("2 of 61 records with status:error"), "{}", harness.text());
    // A word in it, and nothing that stands for others.
    harness.press(&["Ctrl-u"]).type_text("table_");
    assert!(head(&harness).contains("with \"table_\""), "{}", head(&harness));
    harness.press(&["Ctrl-u"]).type_text("tabl%");
    assert!(head(&harness).contains("0 of 61"), "{}", head(&harness));
    harness.press(&["Ctrl-u"]).type_text("took>0.1s -status:error").press(&["Enter"]);
    assert!(head(&harness).contains("took>0.1s"), "{}", head(&harness));
    harness.press(&["Esc"]);
    assert!(head(&harness).contains("   61 records"), "{}", head(&harness));
    // What was typed comes back, also into the prompt.
    harness.press(&["/", "Up"]);
    assert!(last_line(&harness).starts_with("/took>0.1s -status:error"), "{}", harness.text());
    harness.press(&["Enter", "/"]);
    assert!(last_line(&harness).starts_with("/took>0.1s -status:error"), "{}", harness.text());
}

#[test]
fn wrong_words_keep_the_last_good_list_and_are_marked() {
    let mut harness = real_screen(80, 24);
    harness.press(&["/"]).type_text("alpha st");
    assert!(head(&harness).contains("0 of 61 records with alpha st"), "{}", harness.text());
    harness.press(&["Ctrl-u"]).press_at_once(&["a", "l", "p", "h", "a", "Space"]).settle();
    harness.press_at_once(&["s", "Backspace"]).settle();
    assert!(head(&harness).contains("4 of 61 records with \"alpha\""), "{}", harness.text());
    harness.handle(Event::Paste("stat:er".to_owned()));
    assert!(head(&harness).contains("4 of 61 records with \"alpha\""), "{}", harness.text());
    assert_eq!(above(&harness), [" unknown field \"stat\": did you mean status?", "       ▾▾▾▾"]);
    harness.press(&["Enter"]);
    assert!(last_line(&harness).starts_with("/alpha stat:er"), "the prompt stays: {}", harness.text());
    // Not wrong, but it has no end.
    harness.press(&["Ctrl-u"]).type_text("alpha mode:re");
    assert!(!harness.text().contains('▾') || head(&harness).contains("newest"), "{}", harness.text());
    harness.press(&["Enter"]);
    assert!(above(&harness)[0].contains("mode has no \"re\": there are repeat batch"), "{}", harness.text());
    assert_eq!(above(&harness)[1], "            ▾▾");
    harness.type_text("peat").press(&["Enter"]);
    assert!(head(&harness).contains("with alpha mode:repeat"), "{}", harness.text());
    // In a narrow window the place is named.
    let mut narrow = real_screen(40, 10);
    narrow.press(&["/"]).type_text("averylongwordthatisnothere and frobnicate:5");
    assert!(narrow.text().contains("frobnicate"), "{}", narrow.text());
    assert!(!narrow.lines()[8].contains("▾"), "{}", narrow.text());
}

#[test]
fn tab_completes_fields_choices_and_values() {
    let mut harness = real_screen(100, 24);
    harness.press(&["/"]).type_text("sta").press(&["Tab"]);
    assert!(above(&harness)[1].contains("status:  started:"), "{}", harness.text());
    harness.type_text("tus:com").press(&["Tab"]);
    assert!(last_line(&harness).starts_with("/status:completed"), "{}", harness.text());
    assert!(head(&harness).contains("with status:completed"), "{}", harness.text());
    harness.type_text(" name:alph").press(&["Tab"]);
    assert_eq!(above(&harness)[1], " Alpha  ALPHA_beta");
    harness.press(&["Ctrl-u"]).type_text("started:").press(&["Tab"]);
    assert!(
        above(&harness)[1].contains("today") && above(&harness)[1].contains("2026-11"),
        "{}",
        harness.text()
    );
    harness.press(&["Ctrl-u"]).type_text("step:reactor.fl").press(&["Tab"]);
    let completed = last_line(&harness);
    assert!(completed.starts_with("/step:") && head(&harness).contains("step:"), "{}", harness.text());
    harness.press(&["Ctrl-u"]).type_text("user:zzz").press(&["Tab"]);
    assert!(above(&harness)[1].contains("nothing to complete"), "{}", harness.text());
}

#[test]
fn a_menu_shows_values_with_how_many_and_narrows() {
    let mut harness = real_screen(80, 24);
    harness.press(&["f"]);
    for part in ["o  outcome", "u  user", "m  mode", "d  date", "s  step"] {
        assert!(harness.text().contains(part), "{part}: {}", harness.text());
    }
    harness.press(&["o"]);
    let shown = [("a  completed", "52"), ("b  stopped", " 5"), ("c  error", " 2"), ("d  died", " 1")];
    for (value, records) in shown {
        let row = harness.lines().into_iter().find(|line| line.contains(value)).unwrap_or_default();
        assert!(row.split('│').nth(1).is_some_and(|cells| cells.trim_end().ends_with(records)), "{row}");
    }
    harness.press(&["Esc"]);
    assert!(harness.text().contains("u  user"), "Esc goes back to the fields: {}", harness.text());
    harness.press(&["Esc"]);
    assert!(!harness.text().contains("u  user"));
    harness.press(&["f", "d"]);
    assert!(harness.text().contains("today") && harness.text().contains("2026-11"), "{}", harness.text());
    harness.press(&["Esc", "o"]).press(&["j", "Enter"]);
    assert!(head(&harness).contains("with status:"), "{}", harness.text());
    let before = head(&harness);
    harness.press(&["f", "m", "Enter"]);
    assert!(head(&harness).contains(" mode:"), "{before} {}", harness.text());
    harness.press(&["Esc"]);
    assert!(head(&harness).contains("   61 records"));
}

/// The steps of all records are read for it; Esc goes back while that goes on.
#[test]
fn the_steps_are_a_menu_too_and_esc_leaves_while_they_are_counted() {
    let mut harness = real_screen(80, 40);
    harness.press(&["f", "s"]);
    assert!(
        harness.text().contains("Records by step") && harness.text().contains("a  "),
        "{}",
        harness.text()
    );
    harness.press(&["Enter"]);
    assert!(head(&harness).contains("with step="), "{}", harness.text());
    harness.press(&["Esc"]);
    harness.press_at_once(&["f", "s", "Esc", "u"]).settle();
    assert!(harness.text().contains("Records by user"), "{}", harness.text());
}

#[test]
fn long_menus_scroll_and_say_what_is_left_out() {
    let real = real();
    let answerer = move |ask: &Ask, cx: &mut Cx<'_>| match ask {
        Ask::FilterValues { of, .. } => {
            let mut values = answer(&real, ask, cx)?.value;
            if let Answer::FilterValues(FilterValues { values, more, .. }) = &mut values {
                let one = values.first().cloned().unwrap();
                values.resize(200, one);
                *more = 1_234;
            }
            assert!(matches!(&values, Answer::FilterValues(values) if values.of == *of));
            Ok(values)
        }
        _ => answer(&real, ask, cx).map(|answer| answer.value),
    };
    let mut harness = Harness::new(first(), answerer, 80, 12);
    harness.press(&["f", "u"]);
    assert!(harness.text().contains("more below"), "{}", harness.text());
    harness.press(&["G"]);
    assert!(harness.text().contains("and 1,234 more"), "{}", harness.text());
    harness.press(&["Enter"]);
    assert!(last_line(&harness).contains("type user: behind /"), "{}", harness.text());
    harness.press(&["Space"]);
    assert!(harness.text().contains("and 1,234 more"), "a blank is no letter: {}", harness.text());
}

#[test]
fn a_value_under_the_cursor_is_kept_or_dropped() {
    for (record, moves, key, wanted) in [
        ("25", vec![], "=", "with id=25"),
        ("25", vec!["l"], "=", "with name=error_ends_the_table"),
        ("25", vec!["l"], "!", "-name=error_ends_the_table"),
        ("25", vec!["l", "l", "l"], "=", "with started:2026-11-24"),
    ] {
        let mut harness = real_screen(100, 24);
        harness.press(&[":"]).type_text(record).press(&["Enter"]);
        harness.press(&moves).press(&[key]);
        assert!(head(&harness).contains(wanted), "{wanted}: {}", harness.text());
        let kept = selected_id(&harness) == 25;
        assert_eq!(kept, key == "=", "{}", harness.text());
    }
    let mut harness = real_screen(80, 24);
    harness.press(&[":"]).type_text("25").press(&["Enter", "l", "l", "l", "="]);
    assert!(last_line(&harness).contains("took>30min"), "{}", harness.text());
    harness.press(&["l", "="]);
    assert!(head(&harness).contains("with iter="), "{}", harness.text());
    harness.press(&["l", "="]);
    assert!(head(&harness).contains("has:error") && selected_id(&harness) == 25, "{}", harness.text());
    harness.press(&["!"]);
    assert!(head(&harness).contains("0 of 61"), "{}", harness.text());
    // All again; those without an error are kept by theirs.
    harness.press(&["Esc"]);
    harness.press(&[":"]).type_text("61").press(&["Enter", "="]);
    assert!(head(&harness).contains("-has:error") && selected_id(&harness) == 61, "{}", harness.text());
}

#[test]
fn nobody_is_a_user_too() {
    let (folder, lab) = without_logs();
    drop(lab);
    let path = folder.path().join("ivoryos.db");
    let writer = rusqlite::Connection::open(&path).unwrap();
    writer.execute("UPDATE workflow_runs SET submitted_by = NULL WHERE id = 60", []).unwrap();
    drop(writer);
    let mut harness = Harness::new(first(), rested(super::lab(&path)), 100, 24);
    harness.press(&["j", "l", "l", "="]);
    assert!(head(&harness).contains("with user=\"\"") && selected_id(&harness) == 60, "{}", harness.text());
}

/// A lab of which the first look reads nothing, so that reading goes on behind.
fn slow_to_read(
    asked: &Arc<Mutex<Vec<String>>>,
    whole: &Arc<AtomicUsize>,
) -> impl Fn(&Ask, &mut Cx<'_>) -> Result<Answer> + Send + use<> {
    let (real, asked, whole) = (real(), Arc::clone(asked), Arc::clone(whole));
    move |ask: &Ask, cx: &mut Cx<'_>| {
        if let Ask::PageWhole { query, .. } = ask {
            asked.lock().unwrap().push(query.filter.text().to_owned());
            for done in 0..12 {
                cx.check(crate::checkpoint::Progress { done, total: Some(61) })?;
            }
            whole.fetch_add(1, Ordering::SeqCst);
        }
        let mut answered = answer(&real, ask, cx)?.value;
        if let (Ask::Page { query, .. }, Answer::Page(page)) = (ask, &mut answered)
            && query.filter.text().contains("step:")
            && whole.load(Ordering::SeqCst) == 0
        {
            page.unread = Some(crate::checkpoint::Progress { done: 11, total: Some(61) });
        }
        Ok(answered)
    }
}

#[test]
fn what_is_not_read_yet_is_read_behind_once() {
    let (asked, whole) = (Arc::default(), Arc::default());
    let mut harness = Harness::new(first(), slow_to_read(&asked, &whole), 100, 24);
    harness.press(&["/"]).type_text("step:rea").press(&["Enter"]);
    let asked = asked.lock().unwrap().clone();
    // Each stroke that means others asks anew; none of them twice.
    assert!(!asked.is_empty() && asked.windows(2).all(|two| two[0] != two[1]), "{asked:?}");
    assert!(!head(&harness).contains('…'), "{}", harness.text());
    assert!(head(&harness).contains("with step:rea"), "{}", harness.text());
}

#[test]
fn while_it_is_read_the_hits_are_there_and_esc_ends_it() {
    let real = real();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let answerer = move |ask: &Ask, cx: &mut Cx<'_>| {
        if matches!(ask, Ask::PageWhole { .. }) {
            // Until Esc has come.
            loop {
                cx.check(crate::checkpoint::Progress { done: 11, total: Some(61) })?;
                let _ = wait.lock().unwrap().recv();
            }
        }
        let mut answered = answer(&real, ask, cx)?.value;
        if let (Ask::Page { query, .. }, Answer::Page(page)) = (ask, &mut answered)
            && !query.filter.is_empty()
        {
            page.unread = Some(crate::checkpoint::Progress { done: 11, total: Some(61) });
        }
        Ok(answered)
    };
    let mut harness = Harness::new(first(), answerer, 100, 24);
    harness.press(&["/"]).press_at_once(&["s", "t", "e", "p", ":", "e", "Enter"]);
    while !last_line(&harness).contains("reading  18 %") {
        harness.next();
    }
    while !head(&harness).contains("…") {
        harness.next();
    }
    assert!(head(&harness).contains("… of 61 records with step:e"), "{}", harness.text());
    // The keys work meanwhile.
    let id = selected_id(&harness);
    harness.press_at_once(&["j"]);
    assert_ne!(selected_id(&harness), id);
    harness.press_at_once(&["Esc"]);
    go.send(()).unwrap();
    drop(go);
    harness.settle();
    assert!(
        last_line(&harness).contains("50 records are not searched yet; R searches on."),
        "{}",
        harness.text()
    );
    assert!(head(&harness).contains("… of 61 records with step:e"), "the list stays: {}", harness.text());
    // The next Esc is for the words.
    harness.press(&["Esc"]);
    assert!(head(&harness).contains("   61 records"), "{}", harness.text());
}

#[test]
fn records_that_failed_alike_are_a_list_and_esc_comes_back() {
    let open = Records::new(ListQuery::default(), start::record);
    let mut harness = Harness::new(Box::new(open), real(), 80, 24);
    harness.press(&[":"]).type_text("21").press(&["Enter", "e"]);
    assert!(head(&harness).contains("#21") && harness.text().contains(" also "), "{}", harness.text());
    let before = harness.text();
    harness.press(&["="]);
    assert!(head(&harness).contains("with error~"), "{}", harness.text());
    let ids: Vec<String> = harness
        .lines()
        .iter()
        .skip(2)
        .filter_map(|line| line.split_whitespace().nth(1).map(str::to_owned))
        .collect();
    assert!(harness.lines().iter().any(|line| line.contains(" 21 ")), "{ids:?} {}", harness.text());
    // Further words, then Esc back to those, then to where one was.
    harness.press(&["/", "Ctrl-e"]).type_text(" id<3").press(&["Enter"]);
    assert!(
        head(&harness).contains("0 of 61") && harness.text().contains("from before"),
        "{}",
        harness.text()
    );
    harness.press(&["Esc"]);
    assert!(head(&harness).contains("with error~") && !head(&harness).contains("0 of"), "{}", harness.text());
    harness.press(&["Esc"]);
    assert_eq!(harness.text(), before);
}

/// Columns that were chosen have values to keep too.
#[test]
fn a_value_of_any_chosen_column_is_kept_with_its_record() {
    let columns = ["status", "deck", "mode", "ended", "steps", "failed"];
    let wanted = ["status:error", "deck=", "mode:batch", "ended:2026-11-24", "steps=", "failed="];
    for (column, wanted) in columns.into_iter().zip(wanted) {
        let mut harness = real_screen(120, 70);
        harness.press(&[":"]).type_text(&format!("columns id,name,{column}")).press(&["Enter"]);
        harness.press(&[":"]).type_text("25").press(&["Enter", "l", "l", "l", "l", "="]);
        assert!(head(&harness).contains(&format!("with {wanted}")), "{wanted}: {}", harness.text());
        assert_eq!(selected_id(&harness), 25, "{}", harness.text());
        harness.press(&["!"]);
        assert!(head(&harness).contains("0 of 61"), "{}", harness.text());
    }
    // By how it ended or what it does, at the glyph.
    for (id, wanted) in [("61", "status:running"), ("59", "status:died"), ("60", "status:completed")] {
        let mut harness = real_screen(80, 24);
        harness.press(&[":"]).type_text(id).press(&["Enter", "h", "="]);
        assert!(head(&harness).contains(wanted) && selected(&harness).contains(id), "{}", harness.text());
    }
}

/// Hits come while all is read, and what is typed while values are looked up is not completed.
#[test]
fn hits_come_while_the_rest_is_read() {
    let real = real();
    let pages = AtomicUsize::new(0);
    let answerer = move |ask: &Ask, cx: &mut Cx<'_>| {
        if matches!(ask, Ask::PageWhole { .. }) {
            // Until a page was asked for again, which is answered between two pieces.
            let before = pages.load(Ordering::SeqCst);
            while pages.load(Ordering::SeqCst) < before + 2 {
                cx.check(crate::checkpoint::Progress { done: 20, total: Some(61) })?;
                std::thread::yield_now();
            }
        }
        let mut answered = answer(&real, ask, cx)?.value;
        if let (Ask::Page { query, .. }, Answer::Page(page)) = (ask, &mut answered)
            && !query.filter.is_empty()
            && pages.fetch_add(1, Ordering::SeqCst) < 2
        {
            page.rows.truncate(1);
            page.total = 1;
            page.unread = Some(crate::checkpoint::Progress { done: 20, total: Some(61) });
        }
        Ok(answered)
    };
    let mut harness = Harness::new(first(), answerer, 100, 24);
    harness.press(&["/"]).press_at_once(&["Space"]).handle(Event::Paste("status:error".to_owned()));
    assert!(head(&harness).contains("2 of 61 records with status:error"), "{}", harness.text());
}

#[test]
fn what_is_typed_while_values_come_is_not_completed() {
    let mut harness = real_screen(80, 24);
    harness.press(&["/"]).type_text("user:ad");
    harness.press_at_once(&["Tab", "Space", "s"]).settle();
    assert_eq!(last_line(&harness), "/user:ad s");
    harness.press(&["Backspace", "Backspace", "Tab"]);
    assert!(last_line(&harness).starts_with("/user:admin"), "{}", harness.text());
}

/// In ASCII, and in the smallest window.
#[test]
fn marks_and_menus_fit_everywhere() {
    for (width, height) in [(40, 10), (80, 24), (160, 50)] {
        let mut options = crate::tui::testing::options();
        options.theme.ascii = true;
        let mut harness = Harness::with(options, first(), real(), Size { width, height });
        harness.settle();
        harness.press(&["/"]).type_text("a took:x");
        harness.press(&["Enter"]);
        assert_eq!(above(&harness)[1], "        v", "{}", harness.text());
        assert!(harness.text().is_ascii() || harness.text().contains('µ'), "{}", harness.text());
        harness.press(&["Esc", "f", "d"]);
        assert!(harness.text().contains("today"), "{}", harness.text());
    }
}
