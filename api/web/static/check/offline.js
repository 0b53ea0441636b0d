// The offline page: everything is in this one file, its words too. It asks nobody anything.

import { Words } from "../words.js";
import { startChecker } from "./checker.js";

const words = new Words(JSON.parse(document.getElementById("words").textContent), document.documentElement.lang);
startChecker(document.getElementById("check"), words, null);
document.documentElement.dataset.state = "ready";
