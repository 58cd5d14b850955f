"""Where messages go and where they never do, and how long that may take."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import closing, contextmanager, suppress
from http.server import ThreadingHTTPServer
from threading import Thread

import pytest
import trustme

from modelmeta import QueryError
from modelmeta.webhooks import Webhooks
from modelmeta.webhooks.address import is_allowed
from modelmeta.webhooks.sender import Sender

PRIVATE = [
    *("127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.1.2.3", "169.254.169.254"),
    "0.0.0.0",  # noqa: S104  # nothing is bound
    *("224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1"),
    *(
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "ff02::1",
    ),
    *("64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "2001:db8::1"),
]
SPELLINGS = [
    *("2130706433", "0x7f000001", "0x7f.1", "0x7f.0.0.1", "127.1", "0", "0300.0250.1.1", "017700000001", "127.0.0.1.", "127。0。0。1"),
    *("①②⑦.0.0.1", "[::1]", "[0:0:0:0:0:ffff:7f00:1]", "[::ffff:a00:1]", "[fe80::1%25lo]", "[fe80::1%lo]"),
]


@pytest.mark.parametrize("address", PRIVATE)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_message_goes_to_an_address_that_is_not_public(scheme, address):
    assert not is_allowed(scheme, address, allow_private=False)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "100.100.100.200",
            "192.0.0.192",
            "fd00:ec2::254",
            "fe80::1",
        ),  # where clouds tell secrets
        *("224.0.0.1", "::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2002:a9fe:a9fe::", "::ffff:0:127.0.0.1"),
    ],
)
def test_some_addresses_are_never_for_messages(address):
    assert not is_allowed("https", address, allow_private=True)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_what_is_public_is_called_by_https_alone(address):
    assert is_allowed("https", address, allow_private=False)
    assert not is_allowed("http", address, allow_private=True)


@pytest.mark.parametrize("host", [*SPELLINGS, *(f"[{address}]" if ":" in address else address for address in PRIVATE)])
def test_however_an_inner_address_is_spelt_nothing_is_sent_there(registry, host):
    hooks = Webhooks(registry)
    with suppress(QueryError):
        error = hooks.test(hooks.add(f"https://{host}/hook").id).error
        assert error.startswith(("the address is not public", "no connection: [Errno -"))  # or there is no such name


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/", "ftp://example.com/", "file:///etc/passwd", "//example.com", "example.com", "https://", "", "https:///x"),
        *("https://user:word@example.com/", "https://user@example.com/", "https://example.com/#part", "https://exa mple.com/"),
        *("https://example.com:99999/", "https://example.com/\r\nx: y", "https://" + "a" * 2_000 + ".com/"),
    ],
)
def test_what_is_no_address_for_a_webhook_is_refused(registry, url):
    with pytest.raises(QueryError, match=r"a webhook (has an address like|is called by https)") as caught:
        Webhooks(registry).add(url)
    assert "url" == caught.value.criterion


def test_a_name_that_leads_inside_is_not_called(hooks, receiver, registry):
    hook = hooks.add(receiver.url.replace("127.0.0.1", "localhost"))

    assert "the address is not public, or not for messages" == Webhooks(registry).test(hook.id).error
    assert [] == receiver.got
    assert hooks.test(hook.id).error is None
    assert f"localhost:{receiver.server_port}" == receiver.got[0][0]["Host"]


@pytest.fixture
def names(monkeypatch):
    """Let names lead to addresses: each to one list after another, the last of them for ever."""
    real, asked, known = socket.getaddrinfo, [], {}

    def look_up(host, port, *args, **options):
        if host not in known:
            return real(host, port, *args, **options)
        asked.append(host)
        answers = known[host].pop(0) if len(known[host]) > 1 else known[host][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    known["asked"] = asked
    return known


def test_a_name_is_looked_up_once_so_that_what_was_checked_is_what_is_called(receiver, names):
    asked = names.pop("asked")
    names["rebinding.test"] = [["127.0.0.1"], ["127.0.0.2"]]

    outcome = Sender(allow_private=True).send(f"http://rebinding.test:{receiver.server_port}/hook", b"{}", {})

    assert (204, None) == (outcome.status, outcome.error)
    assert ["rebinding.test"] == asked


def test_of_several_addresses_only_those_allowed_are_called(receiver, names):
    del names["asked"]
    names["mixed.test"] = [["169.254.169.254", "224.0.0.1", "127.0.0.1"]]
    names["second.test"] = [["127.0.0.2", "127.0.0.1"]]

    for name in ("mixed.test", "second.test"):  # nobody listens at 127.0.0.2
        assert 204 == Sender(allow_private=True).send(f"http://{name}:{receiver.server_port}/", b"{}", {}).status


async def test_a_test_can_be_sent_where_an_event_loop_runs(hooks, receiver):
    assert 204 == hooks.test(hooks.add(receiver.url).id).status


def test_proxies_of_the_environment_are_not_asked(hooks, receiver, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    assert 204 == hooks.test(hooks.add(receiver.url).id).status


@contextmanager
def tls(certificate, handler):
    """Serve https."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_certificate_must_hold_for_the_name_that_was_given(receiver, names, tmp_path, monkeypatch):
    del names["asked"]
    names["right.test"] = names["wrong.test"] = [["127.0.0.1"]]
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with tls(authority.issue_cert("right.test"), receiver.RequestHandlerClass) as server:
        server.got, server.answers, server.came, server.may_answer = receiver.got, [], receiver.came, receiver.may_answer
        sender = Sender(allow_private=True)

        assert 204 == sender.send(f"https://right.test:{server.server_port}/", b"{}", {}).status
        assert "CERTIFICATE_VERIFY_FAILED" in sender.send(f"https://wrong.test:{server.server_port}/", b"{}", {}).error
        monkeypatch.delenv("SSL_CERT_FILE")
        assert "CERTIFICATE_VERIFY_FAILED" in Sender(allow_private=True).send(f"https://right.test:{server.server_port}/", b"{}", {}).error
    assert 1 == len(receiver.got)


@contextmanager
def answering(answer):
    """Take one connection and call *answer* with it."""

    def serve():
        connection, _ = listener.accept()
        with closing(connection):
            connection.recv(65_536)
            try:
                answer(connection)
            except OSError:
                return

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join()


def silent(connection):
    while connection.recv(65_536):
        pass


def drip(connection):
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def endless(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65_536)


@pytest.mark.parametrize("answer", [silent, drip])
def test_an_attempt_ends_in_time(answer):
    with answering(answer) as url:
        assert "no answer in time" == Sender(allow_private=True, seconds=0.5).send(url, b"{}", {}).error


def test_nothing_of_an_answer_but_its_status_is_read():
    with answering(endless) as url:
        assert 200 == Sender(allow_private=True).send(url, b"{}", {}).status


@pytest.mark.parametrize("answer", [b"SSH-2.0-secret\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\n" + b"a: " + b"x" * 300_000])
def test_what_is_no_answer_is_none_and_is_not_repeated(answer):
    with answering(lambda connection: connection.sendall(answer)) as url:
        error = Sender(allow_private=True).send(url, b"{}", {}).error
        # a connection that is closed before all that was sent is read is reset
        assert error in {"no sound answer (RemoteProtocolError)", "no sound answer (ReadError)"}
