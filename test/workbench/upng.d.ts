// The package has no types of its own.
declare module 'upng-js' {
  interface Picture {
    readonly width: number;
    readonly height: number;
  }
  function decode(file: Uint8Array): Picture;
  function toRGBA8(picture: Picture): ArrayBuffer[];
  function encode(frames: readonly ArrayBuffer[], width: number, height: number, colours: number): ArrayBuffer;
}
