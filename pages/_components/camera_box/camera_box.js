// Photos by the webcam, at the camera's own resolution, brought by the same way as any upload.
// What is under way lives on the root element: Streamlit calls this function again at each script run.

const WANTED = { width: { ideal: 1920 }, height: { ideal: 1080 }, facingMode: "user" };
const QUALITY = 0.95;
const SHOWN = { // which controls each state has
  off: ["on"], live: ["take", "which", "off"], taken: ["keep", "again"], busy: [],
};

class Camera {
  constructor(root) {
    this.root = root;
    this.stream = null;
    this.kept = 0;
    this.bytes = 0;
    this.upload = { batch: newId(), url: "", kind: "photos", stopped: false, request: null, wake() {},
      trouble: (text) => { if (text) this.announce(text); } };
    this.onDone = () => {};
    this.show("off");
  }

  find(selector) { return this.root.querySelector(selector); }

  announce(text) { this.find(".message").textContent = text; }

  show(state) {
    this.state = state;
    for (const control of this.root.querySelectorAll(".controls > *")) control.hidden = !SHOWN[state].includes(control.className);
    this.find(".work").hidden = !this.kept || state === "taken" || state === "busy";
    if (this.find(".which").options.length < 2) this.find(".which").hidden = true;
    this.find(".view").hidden = state === "off";
    this.find("video").hidden = state !== "live";
    this.find("canvas").hidden = state === "live" || state === "off";
  }

  async on(device = "") {
    if (!navigator.mediaDevices?.getUserMedia) {
      return this.announce(t("Browsers give the camera only to pages of their own machine, or over https."));
    }
    this.off();
    const which = device ? { ...WANTED, facingMode: undefined, deviceId: { exact: device } } : WANTED;
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: which, audio: false });
    } catch (error) {
      return this.announce(refusal(error));
    }
    if (!this.root.isConnected) return this.off(); // the page was left while the browser asked
    const video = this.find("video"), [track] = this.stream.getVideoTracks();
    track.onended = () => { this.off(); this.announce(t("The camera was switched off.")); };
    video.srcObject = this.stream;
    await video.play();
    await this.list(track.getSettings().deviceId);
    this.announce(this.count());
    this.show("live");
    this.find(".take").focus();
  }

  async list(current) {
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
    this.find(".which").replaceChildren(...cameras.map(({ deviceId, label }, number) =>
      new Option(label || t("Camera {n}", { n: number + 1 }), deviceId, false, deviceId === current)));
  }

  off() {
    for (const track of this.stream?.getTracks() ?? []) { track.onended = null; track.stop(); }
    this.stream = null;
    this.find("video").srcObject = null;
    this.show("off");
  }

  take() {
    const video = this.find("video"), canvas = this.find("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    this.announce("");
    this.show("taken");
    this.find(".keep").focus();
  }

  async keep() {
    this.show("busy");
    const blob = await new Promise((resolve) => this.find("canvas").toBlob(resolve, "image/jpeg", QUALITY));
    const number = this.kept + 1;
    const file = new File([blob], `camera-${moment()}-${number}.jpg`, { type: blob.type, lastModified: Date.now() });
    const error = await deliver(this.upload, { file, name: file.name, number }, () => {});
    if (error) {
      this.announce(error);
      return this.show("taken");
    }
    this.kept = number;
    this.bytes += file.size;
    this.next();
  }

  next() {
    this.announce(this.count());
    this.show(this.stream ? "live" : "off");
    this.find(this.stream ? ".take" : ".on").focus();
  }

  count() {
    if (!this.kept) return "";
    return this.kept === 1 ? t("1 photo is kept.") : t("{n} photos are kept.", { n: this.kept });
  }

  work() {
    const arrived = { batch: this.upload.batch, files: this.kept, bytes: this.bytes };
    this.off();
    this.kept = this.bytes = 0;
    this.upload.batch = newId();
    this.show("off");
    this.announce("");
    this.onDone(arrived);
  }
}

function refusal(error) {
  if (error.name === "NotAllowedError") {
    return t("The browser does not let Moue use the camera: allow it beside the address, then try again.");
  }
  if (error.name === "NotFoundError") return t("There is no camera.");
  if (error.name === "NotReadableError") return t("Another program uses the camera: close it there, then try again.");
  return error.message;
}

function moment() { // 20260131-090507, by the reader's clock
  const now = new Date(), two = (n) => String(n).padStart(2, "0");
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${day}-${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join("")}`;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".camera");
  useWords(data.words);
  translate(root);
  const camera = root.moueCamera ??= new Camera(root);
  camera.upload.url = data.url;
  camera.onDone = (arrived) => setTriggerValue("done", arrived);
  for (const control of ["on", "take", "keep", "off", "work"]) camera.find(`.${control}`).onclick = () => camera[control]();
  camera.find(".again").onclick = () => camera.next();
  camera.find(".which").onchange = (event) => camera.on(event.target.value);
  return () => setTimeout(() => root.isConnected || camera.off()); // its light goes out with the page
}
