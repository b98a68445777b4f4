//! The program: arguments to a command or the screens, errors to a line and an exit code.

use std::{path::Path, process::ExitCode, time::Duration};

use ivorylens::{
    checkpoint::Cx,
    cli::{
        self,
        args::{Cli, CliCommand, Common},
        message, print_usage,
    },
    config::settings::AllSettings,
    demo,
    error::{Error, ErrorKind, Result},
    services::{
        lab::{Lab, wall_clock},
        lab_place::LabPlace,
        own_files::{OwnFiles, UserFolders},
    },
    signals,
    store::{Cache, Options, users_folder},
    temporary::{FolderUse, TemporaryFolder},
    tui::{
        bindings, configured,
        late_lab::LateLab,
        overlays::help::all_keys,
        start::{ScreenConfig, ScreenOptions, start, start_late},
        terminal,
    },
};

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let done = match cli::parse(&words, &lab_names) {
        Ok(cli) => signals::catch().map_err(Error::io("signals".as_ref())).and_then(|()| with_config(cli)),
        Err(said) => print_usage(&said).map(|()| said.exit_code().try_into().unwrap_or(2)),
    };
    // All that is to go at the end is gone here, whatever ended it.
    ExitCode::from(done.unwrap_or_else(told))
}

/// Says what went wrong; gives the exit code.
fn told(error: Error) -> u8 {
    let signal = signals::noted();
    let error = match (&error, signal) {
        // What a delete left is said in any case.
        (Error::Unfinished(_) | Error::HalfBack(_), _) | (_, None) => error,
        // What a signal ended reads as a failure of whatever was waited for.
        (_, Some(_)) => Error::Cancelled,
    };
    // A closed pipe (`| head`) is no failure.
    if error.is_broken_pipe() {
        return 0;
    }
    message(&error.to_string());
    match error.kind() {
        ErrorKind::Failed => 1,
        ErrorKind::Usage => 2,
        ErrorKind::Missing => 3,
        ErrorKind::Busy => 4,
        // By the user, where no signal did it.
        ErrorKind::Cancelled => signal.map_or(130, signals::exit_code),
    }
}

/// For who looks for a lab before anything is done; what is wrong in the file is said later.
fn lab_names(named: Option<&Path>) -> Vec<String> {
    cli::read_config(named)
        .map(|config| config.labs.into_iter().map(|lab| lab.name).collect())
        .unwrap_or_default()
}

/// With what config.toml says.
fn with_config(mut cli: Cli) -> Result<u8> {
    if let Some(CliCommand::Completions { .. }) = &cli.command {
        return run(&cli);
    }
    let mut config = cli::read_config(cli.common.config.as_deref())?;
    let bindings = configured::take(&mut config);
    if cli.command.is_some() && !matches!(cli.command, Some(CliCommand::Demo { path: false, .. })) {
        cli::tell_wrong(&config);
    }
    cli::settle(&mut cli, config);
    let done = bindings::with(bindings, || run(&cli));
    if done.is_err() && cli.command.is_none() {
        // The screens had no chance to say it, and it may be the reason.
        cli::tell_wrong(&cli.common.file);
    }
    done
}

/// Gives the exit code.
fn run(cli: &Cli) -> Result<u8> {
    match &cli.command {
        Some(CliCommand::Demo { .. }) if cli.common.data.is_some() || cli.path.is_some() => {
            Err(Error::Usage(
                "demo makes a lab of its own and takes no data; ivorylens PATH opens the screens on yours"
                    .to_owned(),
            ))
        }
        Some(CliCommand::Demo { path: true, .. }) => {
            cli::keep_demo(users_folder(), wall_clock()()).map(|()| 0)
        }
        Some(CliCommand::Demo { still, .. }) => made_up(cli, *still),
        Some(CliCommand::Man { command }) => cli::man(command.as_deref(), &all_keys()).map(|()| 0),
        Some(CliCommand::Config { json }) => {
            cli::config(&cli.common, &configured::keys_in_force(), *json).map(|()| 0)
        }
        Some(command) => cli::run(&cli.common, command),
        None => screens(cli),
    }
}

/// What keeps a file from being opened is said before a screen is drawn; but where the lab holds its lock, the screens
/// say that they wait.
fn screens(cli: &Cli) -> Result<u8> {
    let common = &cli.common;
    let place = cli::place(common)?;
    let file = place.file();
    let options = cli::options(common);
    let folders = user_folders();
    let screens = || screen_options(cli, folders.of_lab(&file));
    let opening = Some(options.limits.told_wait.min(options.patience));
    let at_once = Options { opening, ..options.clone() };
    match cli::open_place(&place, at_once, common) {
        Err(Error::Busy { .. }) if !common.copy && matches!(place, LabPlace::File(_)) => {
            let (lock_news, database) = (options.lock_news.clone(), file.clone());
            let own = folders.clone();
            let open = move |cx: &Cx<'_>| {
                let lab = Lab::open_for(&database, options.clone(), false, wall_clock(), cx);
                Ok(lab?.keeping_in(&own))
            };
            start_late(LateLab::new(Box::new(open), lock_news), &file, screens())
        }
        opened => {
            let lab = opened?.keeping_in(&folders);
            cli::warn(&lab);
            start(lab, None, screens())
        }
    }
}

/// The folders of the user's own files.
fn user_folders() -> UserFolders {
    UserFolders::of(|name| std::env::var_os(name))
}

fn screen_options(cli: &Cli, own: OwnFiles) -> ScreenOptions {
    let Common { settings, file, .. } = &cli.common;
    let AllSettings { slow, title, bell, view, columns, per_page, .. } = settings;
    let config = ScreenConfig {
        view: view.value.clone(),
        columns: columns.value.clone(),
        per_page: usize::try_from(per_page.value).unwrap_or_default(),
        wrong: file.told(),
    };
    ScreenOptions {
        theme: cli.common.theme(),
        slow: slow.value,
        title: title.value,
        bell: bell.value,
        own,
        fresh: cli.fresh,
        config,
    }
}

/// How often the newest record of a made-up lab has another iteration.
const ITERATION: Duration = Duration::from_secs(4);

/// The screens, or what they would show where there is no terminal, of a lab in a folder that goes away at the end.
fn made_up(cli: &Cli, still: bool) -> Result<u8> {
    let common = &cli.common;
    let folder = TemporaryFolder::make(FolderUse::Demo)?;
    let data = folder.path().join("ivoryos_data");
    let clock = wall_clock();
    let plan = demo::Plan::demo(clock());
    demo::make(&plan, &data)?;
    // Nothing is kept of a lab that is another one the next time.
    let options = Options { cache: Cache::Nowhere, ..cli::options(common) };
    let lab = Lab::open_for(&data.join("ivoryos.db"), options, false, clock, &signals::cx())?;
    // Its trash goes with it.
    let lab = lab.keeping_in(&UserFolders { state: Some(folder.path().join("state")), config: None });
    if terminal::check(std::env::var("TERM").ok().as_deref()).is_ok() {
        let _live = match still {
            true => None,
            false => Some(demo::Live::start(&data, plan.seed, ITERATION, {
                let clock = wall_clock();
                move || clock()
            })?),
        };
        // It is another one the next time.
        let views = user_folders().views();
        let own = OwnFiles { views, last_screen: None };
        start(lab, Some("a made-up lab"), screen_options(cli, own))
    } else {
        cli::tell_wrong(&common.file);
        cli::demo_without_terminal(&lab, common).map(|()| 0)
    }
}
