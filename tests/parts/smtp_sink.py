"""Mail servers that deliver nothing: our own, which can be told to misbehave, and Postfix's, which is fast."""

import os
import socket
import ssl
import subprocess
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from maestro.lib import clock
from tests.parts.ports import free_port
from tests.parts.sink import Sink
from tests.parts.waiting import until

TOOLS = Path(__file__).parent.parent.parent / ".tools" / "usr"
ENVIRONMENT = os.environ | {"LD_LIBRARY_PATH": str(TOOLS / "lib" / "postfix")}


@pytest.fixture
def smtp_sink():
    """A server that takes and records everything: `.port`, `.messages`, `.faults`."""
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A server's TLS, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
            .not_valid_before(clock.now() - timedelta(days=1)).not_valid_after(clock.now() + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False).sign(key, hashes.SHA256()))
    path = tmp_path_factory.mktemp("tls") / "pem"
    pem = serialization.Encoding.PEM
    path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
                     + made.public_bytes(pem))
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(path)
    trusting = ssl.create_default_context(cafile=path)
    return SimpleNamespace(served=served, trusting=trusting)


def listens(port):
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def postfix_sink(*options):
    """Postfix's smtp-sink on a free port, which is what is yielded."""
    port = free_port()
    command = [str(TOOLS / "sbin" / "smtp-sink"), *options, f"127.0.0.1:{port}", "100"]
    if os.geteuid() == 0:
        command[1:1] = ["-u", "nobody"]
    process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    try:
        until(lambda: listens(port), 10, "smtp-sink did not start.")
        assert process.poll() is None, "smtp-sink ended."
        yield port
    finally:
        process.terminate()
        process.wait(10)
