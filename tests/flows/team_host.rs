//! The guide for a team's page works on a machine with systemd, from its first command to a person who is signed in.

use std::{fs, path::Path, process::Command};

use keyside_e2e::{setting, tools};

/// Boots systemd on a copy of this machine's file system that is gone afterwards, without a network. Arguments: an
/// empty folder, the unit to run, and folders of this machine that it needs.
const SCRIPT: &str = r#"
    folder=$1 unit=$2
    shift 2
    mount -t tmpfs none "$folder"
    mkdir "$folder/changes" "$folder/work" "$folder/root"
    mount -t overlay -o "lowerdir=/,upperdir=$folder/changes,workdir=$folder/work" overlay "$folder/root"
    cp "$unit" "$folder/root/etc/systemd/system/guide.service"
    mkdir "$folder/root/var/lib/guide"
    for needed in "$@"; do
        set -- "$@" "--bind-ro=$needed"
        shift
    done
    systemd-nspawn --quiet --directory="$folder/root" --register=no --keep-unit --private-network \
        --resolv-conf=off --timezone=off --link-journal=no --console=pipe "$@" \
        --boot systemd.unit=guide.service < /dev/null
    cat "$folder/root/var/lib/guide/printed"
"#;

#[test]
fn the_guide_leads_to_a_teams_page_on_a_machine_with_systemd() {
    if !tools::can_mount("the guide for a team") {
        return;
    }
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let python = setting("KEYSIDE_PYTHON");
    let environment = python.parent().unwrap().parent().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let within = |name: &str| folder.path().join(name);
    fs::create_dir(within("machine")).unwrap();
    let unit = format!(
        "[Unit]\nRequires=basic.target\nAfter=basic.target\n\
         [Service]\nType=oneshot\nTimeoutStartSec=150\nEnvironment=KEYSIDE={checkout} PYTHONDONTWRITEBYTECODE=1\n\
         ExecStart={python} {checkout}/tests/team/host.py /var/lib/guide\n\
         StandardOutput=file:/var/lib/guide/printed\nStandardError=inherit\n\
         ExecStopPost=systemctl --no-block poweroff\n",
        checkout = checkout.display(),
        python = python.display(),
    );
    fs::write(within("guide.service"), unit).unwrap();
    let mut machine = Command::new("unshare");
    machine
        .args(["--mount", "--", "sh", "-euc", SCRIPT, "sh"])
        .args([within("machine"), within("guide.service")])
        .args([checkout, environment]);
    let output = tools::run(machine, b"");
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        printed.contains("All is as the guide says."),
        "{printed}\n{errors}"
    );
}
