/** Lower-case letters and digits only, so that "wire haired" finds "Wire-haired" and "fuhrhund" finds "Führhund". */
export function searchText(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
}
