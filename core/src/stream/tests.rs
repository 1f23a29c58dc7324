use super::*;

fn meta(stream_id: &'static str, sequence: u64, resumable: bool) -> StreamMeta {
    StreamMeta {
        stream_id: ByteString::from_static(stream_id),
        sequence,
        resumable,
        is_final: false,
    }
}

fn machine() -> StreamMachine {
    StreamMachine::new(StreamLimits::default())
}

/// A machine of stream `s` that has delivered so many resumable chunks.
fn after(chunks: u64) -> StreamMachine {
    let mut machine = machine();
    for sequence in 1..=chunks {
        assert_eq!(show(chunk(&mut machine, sequence)), "deliver");
    }
    machine
}

fn chunk(machine: &mut StreamMachine, sequence: u64) -> Step {
    machine.on_chunk(&meta("s", sequence, true), Some(sequence))
}

fn show(step: Step) -> String {
    match step {
        Step::Deliver => "deliver".into(),
        Step::Skip => "skip".into(),
        Step::Lost => "lost".into(),
        Step::Complete => "complete".into(),
        Step::Fail(error) => error.code().as_str().into(),
    }
}

fn tell(recovery: Recovery) -> String {
    match recovery {
        Recovery::Resume {
            stream_id,
            after,
            delay,
        } => format!("resume {stream_id} after {after} in {}", delay.as_millis()),
        Recovery::Repeat { delay } => format!("repeat in {}", delay.as_millis()),
        Recovery::Fail(error) => error.code().as_str().into(),
    }
}

fn error(status: u16) -> Error {
    Error::new(ErrorCode::Unavailable, "down").with_status(status)
}

#[test]
fn chunks_in_order() {
    let mut machine = after(3);
    assert_eq!(show(machine.on_done(&meta("s", 3, false))), "complete");
    let mut empty = after(0);
    assert_eq!(show(empty.on_done(&meta("s", 0, false))), "complete");
}

#[test]
fn what_a_chunk_leads_to() {
    for (stream_id, sequence, id, expected) in [
        ("s", 3, Some(3), "deliver"),
        ("s", 3, None, "deliver"),
        ("s", 1, Some(1), "skip"),
        ("s", 2, Some(2), "skip"),
        ("s", 4, Some(4), "lost"),
        ("s", u64::MAX, Some(u64::MAX), "lost"),
        ("s", 0, Some(0), "invalid_response"),
        ("s", 0, None, "invalid_response"),
        ("s", 3, Some(4), "invalid_response"),
        ("s", 3, Some(0), "invalid_response"),
        ("s", 1, Some(2), "invalid_response"),
        ("t", 3, Some(3), "invalid_response"),
        ("t", 1, Some(1), "invalid_response"),
        ("t", 9, Some(9), "invalid_response"),
    ] {
        let mut machine = after(2);
        let step = machine.on_chunk(&meta(stream_id, sequence, true), id);
        assert_eq!(show(step), expected, "{stream_id} {sequence} {id:?}");
    }
}

#[test]
fn what_done_leads_to() {
    for (stream_id, sequence, expected) in [
        ("s", 2, "complete"),
        ("s", 3, "lost"),
        ("s", 1, "invalid_response"),
        ("s", 0, "invalid_response"),
        ("t", 2, "invalid_response"),
    ] {
        let mut machine = after(2);
        let step = machine.on_done(&meta(stream_id, sequence, false));
        assert_eq!(show(step), expected, "{stream_id} {sequence}");
    }
}

#[test]
fn an_error_event_ends_it_with_its_code() {
    let mut machine = after(2);
    let step = machine.on_error(Error::new(ErrorCode::HandlerError, "no"));
    assert_eq!(show(step), "handler_error");
    assert_eq!(machine.end_target(), None);
}

#[test]
fn a_stream_id_must_be_one() {
    for bad in ["", "a/b", "..", "ä", &"x".repeat(129)] {
        let opened = machine().opened(Some(bad.into()));
        assert_eq!(*opened.unwrap_err().code(), ErrorCode::InvalidResponse);
        let bad = StreamMeta {
            stream_id: bad.into(),
            ..meta("", 1, true)
        };
        assert_eq!(show(machine().on_chunk(&bad, None)), "invalid_response");
    }
    let mut machine = machine();
    assert!(machine.opened(Some("x".repeat(128).into())).is_ok());
}

#[test]
fn the_location_names_the_stream() {
    let mut machine = machine();
    machine.opened(Some("t".into())).unwrap();
    assert_eq!(show(chunk(&mut machine, 1)), "invalid_response");
    // Without a location the first chunk does; an answer to a resume does not rename it.
    let mut machine = after(1);
    machine.opened(Some("t".into())).unwrap();
    assert_eq!(show(chunk(&mut machine, 2)), "deliver");
}

#[test]
fn lost_before_the_first_chunk() {
    let mut machine = machine();
    machine.opened(None).unwrap();
    assert_eq!(tell(machine.on_lost(None)), "repeat in 1000");
    // The repeated request may well name the stream.
    machine.opened(Some("s".into())).unwrap();
    assert_eq!(tell(machine.on_lost(None)), "resume s after 0 in 1000");
    assert_eq!(show(chunk(&mut machine, 1)), "deliver");
}

#[test]
fn lost_after_a_chunk() {
    let mut machine = after(2);
    assert_eq!(tell(machine.on_lost(None)), "resume s after 2 in 1000");
    machine.opened(None).unwrap();
    assert_eq!(show(chunk(&mut machine, 2)), "skip");
    assert_eq!(show(chunk(&mut machine, 3)), "deliver");
    assert_eq!(show(machine.on_done(&meta("s", 3, false))), "complete");
}

#[test]
fn a_gap_is_a_loss() {
    let mut machine = after(2);
    assert_eq!(show(chunk(&mut machine, 4)), "lost");
    assert_eq!(tell(machine.on_lost(None)), "resume s after 2 in 1000");
    let mut machine = after(0);
    assert_eq!(show(chunk(&mut machine, 2)), "lost");
    assert_eq!(tell(machine.on_lost(None)), "repeat in 1000");
}

#[test]
fn not_resumable() {
    let mut machine = machine();
    machine.opened(Some("s".into())).unwrap();
    assert_eq!(
        show(machine.on_chunk(&meta("s", 1, false), Some(1))),
        "deliver"
    );
    assert_eq!(machine.end_target(), None);
    assert_eq!(tell(machine.on_lost(Some(error(0)))), "stream_interrupted");
    // The last chunk decides.
    let mut machine = after(2);
    assert_eq!(
        show(machine.on_chunk(&meta("s", 3, false), Some(3))),
        "deliver"
    );
    assert_eq!(tell(machine.on_lost(None)), "stream_interrupted");
}

#[test]
fn resumes_are_counted_until_a_new_chunk() {
    let mut machine = after(1);
    for _ in 0..5 {
        assert_eq!(tell(machine.on_lost(None)), "resume s after 1 in 1000");
        machine.opened(None).unwrap();
        // A chunk that is not new is no progress.
        assert_eq!(show(chunk(&mut machine, 1)), "skip");
    }
    assert_eq!(tell(machine.on_lost(None)), "stream_interrupted");
    assert_eq!(tell(machine.on_lost(None)), "stream_interrupted");

    let mut machine = after(1);
    for sequence in 2..20 {
        for _ in 0..5 {
            assert!(tell(machine.on_lost(None)).starts_with("resume"));
        }
        assert_eq!(show(chunk(&mut machine, sequence)), "deliver");
    }
}

#[test]
fn repeats_are_counted_with_resumes() {
    let mut machine = machine();
    for _ in 0..2 {
        assert_eq!(tell(machine.on_lost(None)), "repeat in 1000");
        let recovery = machine.on_recovery_failed(error(503), None);
        assert_eq!(tell(recovery), "repeat in 1000");
    }
    machine.opened(Some("s".into())).unwrap();
    assert_eq!(tell(machine.on_lost(None)), "resume s after 0 in 1000");
    let recovery = machine.on_recovery_failed(error(503), None);
    assert_eq!(tell(recovery), "stream_interrupted");
}

#[test]
fn no_resumes_allowed() {
    let mut machine = StreamMachine::new(StreamLimits {
        max_resumes: 0,
        ..StreamLimits::default()
    });
    assert_eq!(tell(machine.on_lost(None)), "stream_interrupted");
}

#[test]
fn what_a_failed_resume_leads_to() {
    let resume = "resume s after 1 in 1000";
    let passing = error(500).retryable(true);
    let lasting = error(500).retryable(false);
    for (error, resumed, repeated) in [
        (Error::new(ErrorCode::Network, ""), resume, "repeat in 1000"),
        (error(425), resume, "repeat in 1000"),
        (error(429), resume, "repeat in 1000"),
        (error(502), resume, "repeat in 1000"),
        (error(503), resume, "repeat in 1000"),
        (error(504), resume, "repeat in 1000"),
        (passing, resume, "repeat in 1000"),
        (error(408), "unavailable", "repeat in 1000"),
        (lasting, "unavailable", "unavailable"),
        (error(400), "unavailable", "unavailable"),
        (error(401), "unavailable", "unavailable"),
        (error(403), "unavailable", "unavailable"),
        (error(404), "unavailable", "unavailable"),
        (
            Error::new(ErrorCode::StreamExpired, ""),
            "stream_expired",
            "stream_expired",
        ),
        (
            Error::new(ErrorCode::InvalidResponse, ""),
            "invalid_response",
            "invalid_response",
        ),
        (
            Error::new(ErrorCode::Timeout, "").with_status(0),
            "timeout",
            "timeout",
        ),
    ] {
        let mut machine = after(1);
        assert_eq!(tell(machine.on_lost(None)), resume);
        let recovery = machine.on_recovery_failed(error.clone(), None);
        assert_eq!(tell(recovery), resumed, "{error}");
        let mut machine = after(0);
        assert_eq!(tell(machine.on_lost(None)), "repeat in 1000");
        let recovery = machine.on_recovery_failed(error.clone(), None);
        assert_eq!(tell(recovery), repeated, "{error}");
    }
}

#[test]
fn the_wait_is_what_the_node_asks_for_within_bounds() {
    let mut machine = after(1);
    machine.set_retry(20);
    assert_eq!(tell(machine.on_lost(None)), "resume s after 1 in 20");
    for (seconds, expected) in [(0, 20), (2, 2000), (3600, 60_000)] {
        let asked = Some(Duration::from_secs(seconds));
        let recovery = machine.on_recovery_failed(error(503), asked);
        assert_eq!(tell(recovery), format!("resume s after 1 in {expected}"));
    }
    // It was for that answer only.
    assert_eq!(tell(machine.on_lost(None)), "resume s after 1 in 20");
    let mut machine = after(1);
    machine.set_retry(u64::MAX);
    assert_eq!(tell(machine.on_lost(None)), "resume s after 1 in 60000");
}

#[test]
fn an_interruption_tells_why() {
    let mut machine = after(1);
    for _ in 0..5 {
        let _ = machine.on_lost(None);
    }
    let cause = Error::new(ErrorCode::Unavailable, "restarting").with_request_id("r-1");
    let Recovery::Fail(error) = machine.on_recovery_failed(cause, None) else {
        panic!("it should have given up");
    };
    assert_eq!(*error.code(), ErrorCode::StreamInterrupted);
    assert_eq!(error.status(), 0);
    assert!(error.may_have_been_delivered());
    assert!(error.message().ends_with(": unavailable: restarting"));
    assert_eq!(error.request_id(), Some("r-1"));

    let mut machine = after(1);
    let _ = machine.on_chunk(&meta("s", 2, false), None);
    assert_eq!(show(chunk(&mut machine, 4)), "lost");
    let Recovery::Fail(error) = machine.on_lost(None) else {
        panic!("it can't be resumed");
    };
    assert!(
        error
            .message()
            .ends_with("chunks of the stream are missing")
    );
}

#[test]
fn what_to_end_at_the_node() {
    let mut machine = machine();
    assert_eq!(machine.end_target(), None);
    machine.opened(Some("s".into())).unwrap();
    assert_eq!(machine.end_target().unwrap(), "s");
    let mut machine = after(1);
    assert_eq!(machine.end_target().unwrap(), "s");
    let _ = machine.on_lost(None);
    assert_eq!(machine.end_target().unwrap(), "s");
    // The node does not know yet that this client has given up.
    let step = machine.on_chunk(&meta("s", 2, true), Some(7));
    assert_eq!(show(step), "invalid_response");
    assert_eq!(machine.end_target().unwrap(), "s");

    let mut complete = after(1);
    let _ = complete.on_done(&meta("s", 1, false));
    let mut refused = after(1);
    let _ = refused.on_recovery_failed(error(404), None);
    for over in [complete, refused] {
        assert_eq!(over.end_target(), None);
    }
}

#[test]
fn after_the_end_everything_is_ignored() {
    let mut complete = after(1);
    let _ = complete.on_done(&meta("s", 1, false));
    let mut failed = after(1);
    let _ = failed.on_error(error(500));
    let mut abandoned = after(1);
    let _ = abandoned.on_chunk(&meta("t", 2, true), None);
    let mut refused = after(1);
    let _ = refused.on_recovery_failed(error(404), None);
    for mut machine in [complete, failed, abandoned, refused] {
        assert!(machine.opened(Some("/".into())).is_ok());
        assert_eq!(show(chunk(&mut machine, 2)), "skip");
        assert_eq!(show(machine.on_done(&meta("s", 1, false))), "skip");
        assert_eq!(show(machine.on_error(error(500))), "skip");
        // A driver that asks all the same hears an error, never a quiet end.
        assert_eq!(tell(machine.on_lost(None)), "stream_interrupted");
        for status in [404, 503] {
            let recovery = machine.on_recovery_failed(error(status), None);
            assert_eq!(tell(recovery), "unavailable");
        }
    }
}

#[test]
fn a_repeated_request_with_a_malformed_location_fails() {
    let mut machine = after(0);
    assert_eq!(tell(machine.on_lost(None)), "repeat in 1000");
    let error = machine.opened(Some("/".into())).unwrap_err();
    let recovery = machine.on_recovery_failed(error, None);
    assert_eq!(tell(recovery), "invalid_response");
}
