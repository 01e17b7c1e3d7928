"""Trust is the operator's word: with a signer's root on the list it reads as trusted, without it as unknown."""

from __future__ import annotations

import datetime
import io
import math

import pytest
from PIL import Image

from cgid.errors import InputError
from cgid.extraction.value_store import cache_names
from cgid.features.groups.c2pa import GROUP
from cgid.imaging.image_file import ImageFile
from cgid.metadata.c2pa_trust import trust_anchors
from cgid.metadata.content_credentials import read

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CAMERA = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"


@pytest.fixture(scope="module")
def chain() -> tuple[bytes, bytes, bytes]:
    """(root, leaf, leaf's key) as PEM: a signing chain of our own."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    now = datetime.datetime.now(datetime.UTC)

    def certificate(subject: str, issuer: str, key, signing, authority: bool):
        def name(text: str):
            return x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, text)])

        made = x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer))
        made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
        made = made.not_valid_before(now - datetime.timedelta(days=1))
        made = made.not_valid_after(now + datetime.timedelta(days=30))
        made = made.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        usage = x509.KeyUsage(not authority, False, False, False, False, authority, authority, False, False)
        made = made.add_extension(usage, critical=True)
        for extension in (
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()),
        ):
            made = made.add_extension(extension, critical=False)
        if not authority:
            made = made.add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
        return made.sign(signing, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    root, leaf = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    secret = leaf.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate("Root", "Root", root, root, True), certificate("Camera", "Root", leaf, root, False), secret


def signed(chain, source_type: str, kind: str = "JPEG") -> bytes:
    """A picture with credentials that say it was created with this source type."""
    import c2pa

    root, leaf, secret = chain
    action = {"action": "c2pa.created", "digitalSourceType": source_type, "softwareAgent": {"name": "Maker"}}
    claim = {
        "claim_generator_info": [{"name": "tests"}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}],
    }
    source, out = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(source, kind)
    source.seek(0)
    signer = c2pa.Signer.from_info(
        c2pa.C2paSignerInfo(alg=b"es256", sign_cert=leaf + root, private_key=secret, ta_url=None)
    )
    c2pa.Builder(claim).sign(signer, f"image/{kind.lower()}", source, out)
    return out.getvalue()


@pytest.fixture
def listed(chain, tmp_path, monkeypatch):
    path = tmp_path / "anchors.pem"
    path.write_bytes(chain[0])
    monkeypatch.setenv("CGID_TRUST_LIST", str(path))


def test_a_signer_off_the_list_is_intact_and_not_trusted(chain) -> None:
    found = read(ImageFile.from_bytes(signed(chain, AI), "a.jpg"))
    assert (found.intact, found.trusted, found.declares, found.agents) == (True, False, "ai", ("Maker",))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF"])
def test_credentials_are_read_out_of_every_container(chain, kind: str) -> None:
    data = signed(chain, AI, kind)
    found = read(ImageFile.from_bytes(data, "x"))
    assert found is not None and not found.unreadable
    assert (found.intact, found.declares, found.ingredients) == (True, "ai", 0)
    grown = read(ImageFile.from_bytes(data + b"appended to it", "x"))
    assert grown is None or not grown.intact


def test_a_signer_on_the_list_is_trusted(chain, listed) -> None:
    found = read(ImageFile.from_bytes(signed(chain, CAMERA), "a.jpg"))
    assert (found.intact, found.trusted, found.expired) == (True, True, False)
    assert (found.declares, found.captured) == ("", True)


def test_trust_does_not_mend_a_picture_that_was_changed(chain, listed) -> None:
    data = bytearray(signed(chain, CAMERA))
    at = data.rindex(b"\xff\xda") + 16
    data[at] ^= 1
    found = read(ImageFile.from_bytes(bytes(data), "a.jpg"))
    assert (found.trusted, found.intact, found.kinds) == (True, False, {"data_hash"})
    assert GROUP.compute(ImageFile.from_bytes(bytes(data), "a.jpg"))["score"] == 0.4


def test_values_are_kept_apart_by_list(chain, listed, monkeypatch) -> None:
    with_list = cache_names({"c2pa": GROUP})
    monkeypatch.delenv("CGID_TRUST_LIST")
    assert cache_names({"c2pa": GROUP}) != with_list


@pytest.mark.parametrize(
    "text", [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_list_that_is_none_is_told_in_one_sentence(tmp_path, monkeypatch, text: str | None) -> None:
    path = tmp_path / "bad.pem"
    if text is not None:
        path.write_text(text)
    monkeypatch.setenv("CGID_TRUST_LIST", str(path))
    with pytest.raises(InputError, match=r"CGID_TRUST_LIST.*\.$"):
        trust_anchors()


def test_without_credentials_nothing_is_asked_of_the_list(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CGID_TRUST_LIST", str(tmp_path / "missing.pem"))
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    assert math.isnan(GROUP.compute(ImageFile.from_bytes(file.getvalue(), "a.png"))["trusted"])
