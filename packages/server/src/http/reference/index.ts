/** What people and tools read about the API: `/openapi.json` and the page at `/docs`. */
export { type ReferencePage, referencePages } from './pages.ts';
