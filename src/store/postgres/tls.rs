//! Encryption as libpq's `sslmode` means it: whom the certificate of a server must be of.

use std::sync::Arc;

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject as _},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::{Encryption, SYSTEM, ServerAddress};

/// Looks at the certificate as far as it is wanted.
#[derive(Debug)]
struct Looks {
    provider: Arc<CryptoProvider>,
    /// `None` where any will do.
    known: Option<Arc<WebPkiServerVerifier>>,
    /// Why no certificate is known.
    without: Option<String>,
    host_counts: bool,
}

impl ServerCertVerifier for Looks {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        if let Some(why) = &self.without {
            return Err(TlsError::General(why.clone()));
        }
        let Some(known) = &self.known else { return Ok(ServerCertVerified::assertion()) };
        match known.verify_server_cert(end_entity, intermediates, server_name, ocsp, now) {
            // It is looked at last: the authority is known.
            Err(TlsError::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.host_counts => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        rustls::crypto::verify_tls12_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        rustls::crypto::verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Encrypts connections to this server.
pub fn connector(address: &ServerAddress, encryption: Encryption) -> MakeRustlsConnect {
    let provider = Arc::new(ring::default_provider());
    let verifies = matches!(encryption, Encryption::VerifyCa | Encryption::VerifyFull);
    let (known, without) = match verifies.then(|| authorities(address, &provider)) {
        None => (None, None),
        Some(Ok(known)) => (Some(known), None),
        Some(Err(why)) => (None, Some(why)),
    };
    let host_counts = encryption == Encryption::VerifyFull;
    let looks = Looks { provider: Arc::clone(&provider), known, without, host_counts };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = builder.map(|builder| {
        let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(looks));
        match own_certificate(address) {
            Some((chain, key)) => builder.clone().with_client_auth_cert(chain, key).unwrap_or_else(|_| {
                // A key that is of another certificate: the server says what it misses.
                builder.with_no_client_auth()
            }),
            None => builder.with_no_client_auth(),
        }
    });
    MakeRustlsConnect::new(config.unwrap_or_else(|_| empty()))
}

/// The provider has no protocol version: it never is so.
fn empty() -> ClientConfig {
    ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth()
}

fn authorities(
    address: &ServerAddress,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, String> {
    let Some(file) = &address.root_certificate else {
        return Err("no file of authorities is named; give sslrootcert=FILE".to_owned());
    };
    let unusable = |why: &dyn std::fmt::Display| format!("{}: {why}", file.display());
    let mut roots = RootCertStore::empty();
    if file.as_os_str() == SYSTEM {
        // One that can't be read is of no authority that this server needs, or the server's is unknown then.
        let (added, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if added == 0 {
            return Err("this system names no authorities; give sslrootcert=FILE".to_owned());
        }
        return WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
            .build()
            .map_err(|error| error.to_string());
    }
    for certificate in CertificateDer::pem_file_iter(file).map_err(|e| unusable(&e))? {
        let certificate = certificate.map_err(|e| unusable(&e))?;
        roots.add(certificate).map_err(|e| unusable(&e))?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|e| unusable(&e))
}

fn own_certificate(
    address: &ServerAddress,
) -> Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let (certificate, key) = address.certificate.as_ref()?;
    let chain = CertificateDer::pem_file_iter(certificate).ok()?.collect::<Result<_, _>>().ok()?;
    Some((chain, PrivateKeyDer::from_pem_file(key).ok()?))
}
