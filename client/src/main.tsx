import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { applyTheme, storedTheme } from "./ui/theme.ts";
import "./ui/base.css";
import "./ui/ui.css";
import "./ui/controls.css";
import "./ui/tiles/tiles.css";

applyTheme(storedTheme());
const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root.");
createRoot(root).render(<App />);
