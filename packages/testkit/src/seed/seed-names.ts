/** Names as they are given, in several scripts; some are much more frequent than others. */
export const firstNames: readonly string[] = (
  'Anna Ben Carla David Emma Felix Grace Hugo Ida Jonas Kim Laura Max Nina Oscar Paula Quentin Rosa Sam Tina ' +
  'Uwe Vera Will Xenia Yara Zoe Müller-Ann José Zoë Søren Łucja Chloé Ahmet Şule İnci Nguyễn ' +
  'Анна Борис Вера Дмитрий Елена Юрий 伟 芳 娜 秀英 敏 静 محمد فاطمة علي مريم さくら 翔太 민준 서연'
).split(' ');
export const lastNames: readonly string[] = (
  'Smith Jones Taylor Brown Wilson Evans Thomas Roberts Walker Wright Robinson Thompson White Hughes Edwards ' +
  'Green Hall Wood Harris Lewis Martin Jackson Clarke Turner Hill Cooper Ward Moore King Baker Schmidt Weber ' +
  'Wagner Becker Hoffmann Rossi Ferrari García Fernández Dubois Lefèvre Kowalski Nowak Yılmaz Ødegaard ' +
  'Иванова Петров Сидоренко Кузнецова 王 李 张 刘 陈 حسن إبراهيم خليل 佐藤 鈴木 김 이 Trần'
).split(' ');
