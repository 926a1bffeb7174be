use std::net::UdpSocket;

use crate::support::{PATIENCE, TestApp};

/// A sender that has finished its match long ago answers a server that starts late.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_joiner_gets_the_match_back() {
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    sender.set_read_timeout(Some(PATIENCE)).unwrap();
    let requests = sender.local_addr().unwrap();
    // Another address than the sender's, which would not be answered.
    let app = TestApp::start_with(|config| {
        config.rings[0] = format!("1=127.0.0.2:0,{requests}").parse().unwrap();
    });

    let mut buffer = [0; 512];
    let (len, asker) = sender.recv_from(&mut buffer).unwrap();
    assert_eq!(asker.ip().to_string(), "127.0.0.2");
    assert_ne!(asker, app.udp);
    let lines = buffer[..len].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let broadcasts = UdpSocket::bind("127.0.0.1:0").unwrap();
    for line in lines {
        let answer: &[u8] = match line {
            b"informations\r" => {
                b"mch;101;Final;MEN -58 kg;;#0000ff;#FFFFFF;#ff0000;#FFFFFF;id;SENIORS;3;120;cntDown;27;10\r\n"
            }
            b"athletes\r" => b"at1;A. BLUE;A. BLUE;ESP;at2;B. RED;B. RED;JPN\r\n",
            b"period\r" => b"rnd;2\r\n",
            b"clock\r" => b"clk;01:12;stop\r\n",
            b"scores\r" => b"sc1;4;sc2;7\r\n",
            b"gam-jeom\r" => b"wg1;1;wg2;0\r\n",
            b"referees\r" => b"ref;ju1;ju2;ju3;\r\n",
            b"break\r" => b"brk;00:00\r\n",
            b"winperiods;\r" => b"wrd;rd1;2;rd2;0;rd3;0\r\n",
            b"winmatch\r" => b"wmh;\r\n",
            other => panic!("{:?}", other.escape_ascii().to_string()),
        };
        broadcasts.send_to(answer, asker).unwrap();
    }

    let state =
        app.state_when(|state| state["match"]["blue"]["name"] == "A. BLUE" && state["round"] == 2).await;
    assert_eq!(state["match"]["number"], "101");
    assert_eq!(state["receive"]["requests"], "answered");

    // Somebody else's answer is none.
    UdpSocket::bind("127.0.0.3:0").unwrap().send_to(b"sc1;50;sc2;50\r\n", asker).unwrap();
    app.state_when(|state| state["receive"]["refused"] == 1).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_on_this_machine_is_not_asked() {
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    sender.set_nonblocking(true).unwrap();
    let requests = sender.local_addr().unwrap();
    let app = TestApp::start_with(|config| {
        config.rings[0] = format!("1=127.0.0.1:0,{requests}").parse().unwrap();
    });
    let state = app.state();
    assert!(state["receive"]["requests"].as_str().unwrap().starts_with("not asked"), "{state}");
    app.stop().await;
    assert!(sender.recv(&mut [0; 16]).is_err());
}
