import "@fontsource-variable/inter/wght.css";
import "./admin.scss";
