//! Stands between a program and a server, and can fall silent as a network does that loses all.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
};

/// Its threads end with their connections, and with the test.
pub struct Proxy {
    pub address: SocketAddr,
    is_mute: Arc<AtomicBool>,
    swallowed: Mutex<Receiver<()>>,
}

impl Proxy {
    pub fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let is_mute = Arc::new(AtomicBool::new(false));
        let (tell, swallowed) = mpsc::channel();
        let mute = Arc::clone(&is_mute);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(server) else { return };
                let ways = [(client.try_clone(), server.try_clone()), (Ok(server), Ok(client))];
                for (from, to) in ways {
                    let (mute, tell) = (Arc::clone(&mute), tell.clone());
                    thread::spawn(move || pass(from.unwrap(), to.unwrap(), &mute, &tell));
                }
            }
        });
        Self { address, is_mute, swallowed: Mutex::new(swallowed) }
    }

    /// Waits until something is said that nobody passes on.
    pub fn wait_for_lost_words(&self) {
        let swallowed = self.swallowed.lock().unwrap();
        swallowed.recv().unwrap();
        while swallowed.try_recv().is_ok() {}
    }

    /// From now on nothing comes through, or all does again on new connections.
    pub fn set_mute(&self, is_mute: bool) {
        self.is_mute.store(is_mute, Ordering::SeqCst);
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, is_mute: &AtomicBool, tell: &Sender<()>) {
    let (mut bytes, mut has_lost) = ([0; 4096], false);
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        has_lost |= is_mute.load(Ordering::SeqCst);
        if has_lost {
            // The test may be over.
            let _ = tell.send(());
        } else if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}
