//! Runs programs: output into the step's log, a deadline on everything, and nothing left behind.
//!
//! Every program gets a process group of its own, so that a program that overruns ends with all it has started, and only that.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// How often a running program is looked at.
const POLL: Duration = Duration::from_millis(25);
/// After how long without news a step shows that it is alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(60);
/// How much time a program has to end when asked to.
const GRACE: Duration = Duration::from_secs(5);

/// What a step runs its programs with.
pub(crate) struct Shell<'a> {
    pub(crate) workspace: &'a Workspace,
    name: String,
    log: Log,
    started: Instant,
    deadline: Instant,
    notes: Vec<String>,
    /// Whether the output is shown as it comes.
    live: bool,
}

impl<'a> Shell<'a> {
    pub(crate) fn open(
        workspace: &'a Workspace,
        name: &str,
        time_limit: Duration,
    ) -> Result<Shell<'a>> {
        let folder = workspace.output().join("xtask");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let started = Instant::now();
        Ok(Shell {
            workspace,
            name: name.to_owned(),
            log: Log::create(folder.join(format!("{}.log", name.replace(' ', "-"))))?,
            started,
            deadline: started + time_limit,
            notes: Vec::new(),
            live: workspace.verbose,
        })
    }

    /// Shows the output of what runs from now on.
    pub(crate) fn show_output(&mut self) {
        self.log.skip();
        self.live = true;
    }

    /// A program, started in the repository's root, which finds the installed tools on its `PATH`.
    pub(crate) fn program(&self, name: impl AsRef<std::ffi::OsStr>) -> Result<Command> {
        let mut command = Command::new(name);
        command
            .current_dir(&self.workspace.root)
            .env("PATH", self.workspace.search_path()?);
        if let Some(browser) = self.workspace.browser.get() {
            command
                .env("CHROME", &browser.chrome)
                .env("CHROMEDRIVER", &browser.driver);
        }
        Ok(command)
    }

    /// Cargo; the arguments are separated by blanks.
    pub(crate) fn cargo(&self, arguments: &str) -> Result<Command> {
        let mut command = self.program("cargo")?;
        command.args(arguments.split_whitespace());
        Ok(command)
    }

    /// npm; the arguments are separated by blanks.
    pub(crate) fn npm(&self, arguments: &str) -> Result<Command> {
        let mut command = self.program(if cfg!(windows) { "npm.cmd" } else { "npm" })?;
        command.args(arguments.split_whitespace());
        Ok(command)
    }

    /// Runs a program to its end; anything but success is an error.
    pub(crate) fn run(&mut self, command: &mut Command) -> Result<()> {
        command.stdout(self.log.writer()?);
        self.finish(command)
    }

    /// Runs a program as [`run`](Self::run) does, but for a shorter time than the step has.
    pub(crate) fn run_for(&mut self, limit: Duration, command: &mut Command) -> Result<()> {
        let deadline = self.deadline;
        self.deadline = deadline.min(Instant::now() + limit);
        let result = self.run(command);
        self.deadline = deadline;
        result
    }

    /// Runs a program to its end and returns what it wrote to its standard output.
    pub(crate) fn read(&mut self, command: &mut Command) -> Result<String> {
        let path = self.log.path.with_extension("out");
        command.stdout(
            File::create(&path).with_context(|| format!("cannot create {}", path.display()))?,
        );
        self.finish(command)?;
        let text = std::fs::read_to_string(&path)?;
        self.log.write(&text)?;
        Ok(text)
    }

    fn finish(&mut self, command: &mut Command) -> Result<()> {
        let shown = describe(command);
        self.log.write(&format!("$ {shown}\n"))?;
        self.log.skip();
        let mut running = self.start(command)?;
        let status = self.wait(&mut running, &shown)?;
        if status.success() {
            running.forget();
            return Ok(());
        }
        bail!("`{shown}` failed ({status})")
    }

    /// Starts a program that is ended when the returned value is dropped. Its standard output is the caller's to set.
    pub(crate) fn start(&mut self, command: &mut Command) -> Result<Running> {
        command.stdin(Stdio::null()).stderr(self.log.writer()?);
        Running::start(command)
    }

    fn wait(&mut self, running: &mut Running, shown: &str) -> Result<ExitStatus> {
        let mut heard = Instant::now();
        loop {
            // The order matters: what the program writes last is read after its end was seen.
            let ended = running.child.try_wait()?;
            let text = self.log.news()?;
            if self.live && !text.is_empty() {
                let mut out = std::io::stdout().lock();
                out.write_all(text.as_bytes())?;
                out.flush()?;
            }
            if let Some(status) = ended {
                return Ok(status);
            }
            if Instant::now() >= self.deadline {
                bail!("`{shown}` was ended: its time is over");
            }
            if !self.live && heard.elapsed() >= SIGN_OF_LIFE {
                heard = Instant::now();
                println!(
                    "  ...  {} (for {} s): {}",
                    self.name,
                    self.started.elapsed().as_secs(),
                    self.log.last_line
                );
            }
            std::thread::sleep(POLL);
        }
    }

    /// Writes a line among the output of the programs.
    pub(crate) fn say(&mut self, text: &str) -> Result<()> {
        if self.live {
            println!("{text}");
        }
        self.log.write(&format!("{text}\n"))?;
        self.log.skip();
        Ok(())
    }

    /// Says something that belongs into the summary.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    pub(crate) fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    pub(crate) fn log_text(&self) -> String {
        std::fs::read(&self.log.path)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }
}

/// The file that gets the output of a step's programs.
struct Log {
    path: PathBuf,
    file: File,
    reader: File,
    last_line: String,
}

impl Log {
    fn create(path: PathBuf) -> Result<Log> {
        let context = || format!("cannot write {}", path.display());
        std::fs::write(&path, "").with_context(context)?;
        let file = File::options()
            .append(true)
            .open(&path)
            .with_context(context)?;
        let reader = File::open(&path).with_context(context)?;
        Ok(Log {
            path,
            file,
            reader,
            last_line: String::new(),
        })
    }

    fn writer(&self) -> Result<File> {
        Ok(self.file.try_clone()?)
    }

    fn write(&mut self, text: &str) -> Result<()> {
        Ok(self.file.write_all(text.as_bytes())?)
    }

    /// What was written since the last call.
    fn news(&mut self) -> Result<String> {
        let mut bytes = Vec::new();
        self.reader.read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(line) = text.lines().rev().find(|line| !line.trim().is_empty()) {
            self.last_line = line.trim().chars().take(100).collect();
        }
        Ok(text)
    }

    fn skip(&mut self) {
        // Only decides what is shown live; the log itself is complete.
        let _ = self.news();
    }
}

/// A started program. Dropping it ends the program and all that it has started.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) child: Child,
    ended: bool,
}

/// The groups to end when the user interrupts.
static GROUPS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

impl Running {
    pub(crate) fn start(command: &mut Command) -> Result<Running> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        // Held over the start, so that an interrupt cannot fall between it and the entry in the list.
        let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
        let child = command
            .spawn()
            .with_context(|| format!("cannot run `{}`", describe(command)))?;
        groups.push(child.id());
        Ok(Running {
            child,
            ended: false,
        })
    }

    /// The program has ended well: what it left running on purpose stays.
    fn forget(&mut self) {
        self.ended = true;
        let id = self.child.id();
        GROUPS
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|group| *group != id);
    }

    fn end(&mut self) {
        let id = self.child.id();
        signal_group(id, false);
        let patience = Instant::now() + GRACE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < patience {
            std::thread::sleep(POLL);
        }
        signal_group(id, true);
        #[cfg(not(unix))]
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.forget();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            self.end();
        }
    }
}

/// Asks the processes of a group to end, or ends them.
#[cfg(unix)]
fn signal_group(id: u32, force: bool) {
    use nix::sys::signal::{Signal, killpg};
    let signal = if force {
        Signal::SIGKILL
    } else {
        Signal::SIGTERM
    };
    if let Ok(id) = i32::try_from(id) {
        // The group may be gone already.
        let _ = killpg(nix::unistd::Pid::from_raw(id), signal);
    }
}

#[cfg(not(unix))]
fn signal_group(_id: u32, _force: bool) {}

/// Groups of their own do not hear of the terminal's Ctrl-C: this passes it on.
pub(crate) fn end_children_on_interrupt() -> Result<()> {
    #[cfg(unix)]
    ctrlc::set_handler(|| {
        let groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
        groups.iter().for_each(|group| signal_group(*group, false));
        std::thread::sleep(Duration::from_millis(500));
        groups.iter().for_each(|group| signal_group(*group, true));
        eprintln!("interrupted");
        std::process::exit(130);
    })?;
    Ok(())
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_program_ends_with_what_it_has_started() -> Result<()> {
        let mut command = Command::new("sh");
        command
            .args(["-c", "sleep 60 & echo $!; wait"])
            .stdout(Stdio::piped());
        let mut running = Running::start(&mut command)?;
        let mut output = running.child.stdout.take().context("no output")?;
        let mut first = [0; 1];
        output.read_exact(&mut first)?;
        let started = Instant::now();
        drop(running);
        // The pipe ends only when the inner `sleep` is gone, too.
        output.read_to_end(&mut Vec::new())?;
        assert!(started.elapsed() < GRACE);
        Ok(())
    }
}
