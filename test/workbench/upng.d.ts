// The package has no types of its own, and as CommonJS but one export.
declare module 'upng-js' {
  interface Picture {
    readonly width: number;
    readonly height: number;
  }
  interface Upng {
    decode(file: Uint8Array): Picture;
    toRGBA8(picture: Picture): ArrayBuffer[];
    encode(frames: readonly ArrayBuffer[], width: number, height: number, colours: number): ArrayBuffer;
  }
  const upng: Upng;
  export default upng;
}
