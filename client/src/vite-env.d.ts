/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** "1" builds the lab into a production build. */
  readonly VITE_LAB?: string;
}
