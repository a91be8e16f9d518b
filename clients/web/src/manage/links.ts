/** Whether a link may lead to an address that a skill names: `javascript:` and the like run code. */
export function isWebAddress(address: string): boolean {
  return /^https?:\/\//i.test(address) && URL.canParse(address);
}
