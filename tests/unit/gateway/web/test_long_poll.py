"""The notifier: it wakes the requests that wait for a peer, and no others."""

from gateway.web.long_poll import Notifier


def test_a_notice_wakes_only_the_request_that_waits_for_that_peer() -> None:
    notifier = Notifier()
    with notifier.subscribe("410105-01") as ours, notifier.subscribe("419001-01") as others:
        notifier.notify({"410105-01"})

        assert ours.is_set()
        assert not others.is_set()


def test_two_requests_that_wait_for_one_peer_are_both_woken() -> None:
    notifier = Notifier()
    with notifier.subscribe("410105-01") as one, notifier.subscribe("410105-01") as two:
        notifier.notify({"410105-01"})

        assert one.is_set()
        assert two.is_set()


def test_a_notice_while_nobody_waits_is_forgotten() -> None:
    notifier = Notifier()
    with notifier.subscribe("410105-01"):
        pass
    notifier.notify({"410105-01", "unknown"})
    with notifier.subscribe("410105-01") as later:
        assert not later.is_set()


def test_closing_wakes_everybody_for_good() -> None:
    notifier = Notifier()
    with notifier.subscribe("410105-01") as one, notifier.subscribe("419001-01") as two:
        notifier.close()

        assert one.is_set()
        assert two.is_set()
        assert notifier.closed
