export interface StoredLogin { access: string; refresh?: string; expiresAt?: number }
export interface TokenStore {
  read(): StoredLogin | null;
  write(login: StoredLogin | null): void;
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  watch?(listener: () => void): () => void;
}
const later = (): never => { throw new Error("not written yet"); };
export class MemoryTokenStore implements TokenStore {
  read(): StoredLogin | null { return later(); }
  write(_login: StoredLogin | null): void {}
  exclusive<T>(_work: () => Promise<T>): Promise<T> { return later(); }
}
export class BrowserTokenStore implements TokenStore {
  constructor(_key: string) {}
  read(): StoredLogin | null { return later(); }
  write(_login: StoredLogin | null): void {}
  exclusive<T>(_work: () => Promise<T>): Promise<T> { return later(); }
  watch(_listener: () => void): () => void { return later(); }
}
