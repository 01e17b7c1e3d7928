"""Writers for sample images: EXIF with location and thumbnail, an invisible watermark, content credentials.

EXIF: Pillow writes no thumbnail, so its directory (IFD1) is appended to the TIFF structure here.
Source: CIPA DC-008 (Exif 2.32), 4.5.4 and 4.6.6; TIFF 6.0, section 2.

Watermark: that of Stable Diffusion's reference program, read by `features/groups/watermark.py`. In each 4x4 block of
the Haar approximation of U, the largest coefficient except the first is moved to a quarter (bit 0) or three quarters
(bit 1) of a step. Definition: invisible-watermark library, method dwtDct.

Credentials: signed with a certificate chain that is created for one signature and discarded. No trust list contains it;
such a sample demonstrates integrity. Profile of the certificates: C2PA Technical Specification 2.x, "Credential types
and formats".
"""

from __future__ import annotations

import io
import json
import struct
from datetime import UTC, datetime, timedelta

import numpy as np
from PIL import Image, TiffImagePlugin

from cgid.features.groups.watermark import QUANTISATION_STEP

_SHORT, _LONG = 3, 4


def with_location(exif: bytes, latitude: float, longitude: float, size: tuple[int, int]) -> bytes:
    """The same EXIF with a GPS position in degrees (north and east positive) and the image's (width, height)."""
    tags = Image.Exif()
    tags.load(exif)
    detail = tags.get_ifd(0x8769)
    detail[0xA002], detail[0xA003] = size
    place = tags.get_ifd(0x8825)
    place[1], place[2] = "N" if latitude >= 0 else "S", _degrees(latitude)
    place[3], place[4] = "E" if longitude >= 0 else "W", _degrees(longitude)
    tags[0x8769], tags[0x8825] = dict(detail), dict(place)
    return tags.tobytes()


def _degrees(value: float) -> tuple[TiffImagePlugin.IFDRational, ...]:
    """Degrees, minutes, seconds, to a hundredth of a second."""
    hundredths = round(abs(value) * 360_000)
    degrees, rest = divmod(hundredths, 360_000)
    minutes, seconds = divmod(rest, 6_000)
    return tuple(TiffImagePlugin.IFDRational(*part) for part in ((degrees, 1), (minutes, 1), (seconds, 100)))


def with_thumbnail(exif: bytes, thumbnail: bytes) -> bytes:
    """The same EXIF with a JPEG thumbnail in IFD1. exif: with or without its `Exif` header, and without an IFD1."""
    tiff = bytearray(exif.removeprefix(b"Exif\0\0"))
    order = "<" if tiff[:2] == b"II" else ">"
    first = struct.unpack_from(order + "L", tiff, 4)[0]
    entries = struct.unpack_from(order + "H", tiff, first)[0]
    tiff += b"\0" * (len(tiff) % 2)
    struct.pack_into(order + "L", tiff, first + 2 + 12 * entries, len(tiff))
    fields = ((0x0103, _SHORT, 6), (0x0201, _LONG, len(tiff) + 2 + 12 * 3 + 4), (0x0202, _LONG, len(thumbnail)))
    tiff += struct.pack(order + "H", len(fields))
    for tag, kind, value in fields:
        held = struct.pack(order + "HH", value, 0) if kind == _SHORT else struct.pack(order + "L", value)
        tiff += struct.pack(order + "HHL", tag, kind, 1) + held
    tiff += struct.pack(order + "L", 0) + thumbnail
    return b"Exif\0\0" + bytes(tiff)


def embed_watermark(rgb: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """rgb: uint8 (H, W, 3). bits: bool (n,), repeated in reading order. Returns the watermarked image, uint8 (H, W, 3)."""
    import cv2

    yuv = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2YUV).astype(np.float32)
    rows, columns = rgb.shape[0] // 8, rgb.shape[1] // 8
    u = yuv[: rows * 8, : columns * 8, 1].copy()
    # The Haar approximation is half the sum of 2 x 2 pixels; blocks lie in reading order, 16 values each.
    approximation = u.reshape(rows * 4, 2, columns * 4, 2).sum(axis=(1, 3)) / 2
    blocks = approximation.reshape(rows, 4, columns, 4).swapaxes(1, 2).reshape(-1, 16)
    index = np.abs(blocks[:, 1:]).argmax(axis=1) + 1
    block = np.arange(len(blocks))
    value = blocks[block, index]
    target = (np.abs(value) // QUANTISATION_STEP + 0.25 + 0.5 * bits[block % len(bits)]) * QUANTISATION_STEP
    change = np.zeros_like(blocks)
    change[block, index] = (np.copysign(target, value) - value) / 2
    change = change.reshape(rows, columns, 4, 4).swapaxes(1, 2).reshape(rows * 4, columns * 4)
    yuv[: rows * 8, : columns * 8, 1] = u + change.repeat(2, axis=0).repeat(2, axis=1)
    return cv2.cvtColor(yuv.round().clip(0, 255).astype(np.uint8), cv2.COLOR_YUV2RGB)


AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
ROOT = "cgid sample root"
SIGNER = "cgid sample signer"
GENERATOR, AGENT = "cgid samples", "simulated generator"
YEARS = 20


def sign_as_ai(data: bytes, mime: str, title: str) -> bytes:
    """`data` with credentials that declare it AI-generated, signed with ES256. Raises C2paError."""
    import c2pa

    chain, key = _chain()
    info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, chain, key, None)
    created = {"action": "c2pa.created", "digitalSourceType": AI, "softwareAgent": {"name": AGENT}}
    manifest = {
        "claim_generator_info": [{"name": GENERATOR, "version": "1"}],
        "title": title,
        "format": mime,
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [created]}}],
    }
    # No thumbnail in the manifest keeps the sample small. No check after signing: the chain is not trusted.
    configured = {
        "builder": {"thumbnail": {"enabled": False}},
        "verify": {"verify_after_sign": False, "remote_manifest_fetch": False, "ocsp_fetch": False},
    }
    out = io.BytesIO()
    with (
        c2pa.Context(c2pa.Settings.from_dict(configured)) as context,
        c2pa.Builder(json.dumps(manifest), context=context) as builder,
        c2pa.Signer.from_info(info) as signer,
    ):
        builder.sign(signer, mime, io.BytesIO(data), out)
    return out.getvalue()


def _chain() -> tuple[bytes, bytes]:
    """(certificates of signer and root, key of the signer), PEM."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate(ROOT, root_key, root_key, ROOT, True)
    leaf = _certificate(SIGNER, key, root_key, ROOT, False)
    chain = b"".join(c.public_bytes(serialization.Encoding.PEM) for c in (leaf, root))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return chain, private


def _certificate(subject: str, key, issuer_key, issuer: str, root: bool):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    now = datetime.now(UTC)
    usage = dict.fromkeys(
        (
            *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
            *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
        ),
        False,
    )
    usage |= {"key_cert_sign": True, "crl_sign": True} if root else {"digital_signature": True}
    building = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not root:
        building = building.add_extension(
            x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
    return building.sign(issuer_key, hashes.SHA256())


def _name(text: str):
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, text), x509.NameAttribute(NameOID.COMMON_NAME, text)]
    )
