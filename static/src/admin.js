import "@fontsource-variable/inter/wght.css";
import "./admin.scss";

import "./modules/requests.js";
import "./modules/theme.js";
import "./modules/toasts.js";
import "./modules/dialogs.js";
import "./modules/palette.js";
import "./modules/keys.js";
import "./modules/rows.js";
import "./modules/split.js";
import "./modules/tabs.js";
import "./modules/live.js";
import "./modules/undo.js";
import "./modules/copy.js";
import "./modules/forms.js";
import "./modules/depends.js";
import "./modules/upload.js";
