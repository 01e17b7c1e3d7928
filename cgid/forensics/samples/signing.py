"""Signs a picture with content credentials, by a certificate chain made for this one signature and thrown away.

Nobody trusts the chain, and the credentials say so; integrity is what such a sample shows.
Profile of the certificates: C2PA Technical Specification 2.x, "Credential types and formats".
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
ROOT = "cgid sample root"
SIGNER = "cgid sample signer"
GENERATOR, AGENT = "cgid samples", "simulated generator"
YEARS = 20


def signed(data: bytes, mime: str, title: str) -> bytes:
    """`data` with credentials that declare it as made by AI, signed with ES256. Raises C2paError."""
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
    # No thumbnail in the manifest: the sample stays small. No check after signing: nobody trusts this chain.
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
