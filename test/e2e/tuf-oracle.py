"""What python3-tuf says of repositories, and a repository that it writes.

read:  a list on stdin of {"root": file, "stages": [folder, ...], "target": name}; for each, a device with that root
       follows the folders in turn. Prints a list of what came of each stage: "accept <sha256>" or "refuse <error>".
write: `tuf-oracle.py write <folder>` writes a repository with two roots and one model.
"""
import hashlib, json, os, shutil, sys, tempfile
from datetime import datetime, timedelta, timezone


def read(jobs):
    from tuf.api.exceptions import DownloadHTTPError
    from tuf.ngclient import FetcherInterface, Updater

    class Folder(FetcherInterface):
        def _fetch(self, url):
            path = url.removeprefix("file://")
            if not os.path.isfile(path):
                raise DownloadHTTPError("no such file", 404)
            with open(path, "rb") as file:
                return iter([file.read()])

    def stage(known, files, folder, target):
        updater = Updater(known, f"file://{folder}/metadata/", files, f"file://{folder}/targets/", fetcher=Folder())
        updater.refresh()
        info = updater.get_targetinfo(target)
        path = os.path.join(files, hashlib.sha256(folder.encode()).hexdigest())
        updater.download_target(info, path)
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()

    def device(job):
        with tempfile.TemporaryDirectory() as known, tempfile.TemporaryDirectory() as files:
            shutil.copy(job["root"], os.path.join(known, "root.json"))
            for folder in job["stages"]:
                try:
                    yield "accept " + stage(known, files, folder, job["target"])
                except Exception as error:  # whatever it is, nothing was accepted
                    yield "refuse " + type(error).__name__

    print(json.dumps([list(device(job)) for job in jobs]))


def write(folder):
    from securesystemslib.signer import CryptoSigner
    from tuf.api.metadata import MetaFile, Metadata, Root, Snapshot, TargetFile, Targets, Timestamp

    def put(name, metadata, signers):
        metadata.signatures.clear()
        for signer in signers:
            metadata.sign(signer, append=True)
        os.makedirs(os.path.join(folder, "metadata"), exist_ok=True)
        metadata.to_file(os.path.join(folder, "metadata", name))

    keys = {role: CryptoSigner.generate_ed25519() for role in ("root", "targets", "snapshot", "timestamp")}
    expires = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=10)
    root = Metadata(Root(expires=expires, consistent_snapshot=True))
    for role, signer in keys.items():
        root.signed.add_key(signer.public_key, role)
    put("1.root.json", root, [keys["root"]])
    second = CryptoSigner.generate_ed25519()
    root.signed.revoke_key(keys["root"].public_key.keyid, "root")
    root.signed.add_key(second.public_key, "root")
    root.signed.version = 2
    put("2.root.json", root, [keys["root"], second])
    content = b"a model of another tool"
    target = TargetFile.from_data("models/a.spike", content, ["sha256", "sha512"])
    target.unrecognized_fields["custom"] = {"\u00e9\U0001f600": ["x", None, True, -1]}
    put("1.targets.json", Metadata(Targets(expires=expires, targets={"models/a.spike": target})), [keys["targets"]])
    put("1.snapshot.json", Metadata(Snapshot(expires=expires, meta={"targets.json": MetaFile(1)})), [keys["snapshot"]])
    put("timestamp.json", Metadata(Timestamp(expires=expires, snapshot_meta=MetaFile(1))), [keys["timestamp"]])
    path = os.path.join(folder, "targets", "models")
    os.makedirs(path)
    with open(os.path.join(path, f"{hashlib.sha256(content).hexdigest()}.a.spike"), "wb") as file:
        file.write(content)


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write(sys.argv[2])
    else:
        read(json.load(sys.stdin))
