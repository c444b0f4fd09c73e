import { basicSetup, EditorView } from "codemirror";
